"""Speed and quality of the product, each measured against its floor in the same run."""
