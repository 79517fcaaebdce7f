"""`python -m vpo_polling` is `vpo`."""

from vpo_polling.cli import main

if __name__ == "__main__":
    main()
