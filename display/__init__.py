"""Everything read in a browser: hall boards, the officer's console, the manager's page, the citizen's phone."""
