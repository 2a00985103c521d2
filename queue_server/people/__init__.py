"""What is known of persons: names of officers and what they wrote, encrypted and erasable; the record holds ids."""
