"""What a voice reads, written for the ear: numbers as they are spoken, letters by one name, abbreviations in full.

Pure and of the standard library alone, so that kiosk, hall and whatever speaks next say the same.
"""
