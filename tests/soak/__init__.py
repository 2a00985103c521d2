"""Long trials of the whole product, run by `./scripts/soak`."""
