"""The program beside the server that looks ahead: waits, risk and advice from the journal, read only."""
