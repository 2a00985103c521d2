"""What every program of the house stands on."""
