"""What each screen says and offers, as data: drawn by the screens, read aloud by the speech, walked by the keys."""
