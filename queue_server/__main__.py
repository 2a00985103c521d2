"""`python -m queue_server` is `motcua`."""

from queue_server.cli import main

if __name__ == "__main__":
    main()
