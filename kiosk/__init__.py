"""The kiosk in the hall: what a person touches to find a procedure, its papers and a number."""
