"""dnaseq check-plugin, from a checkout."""

from dnaseq.cli import main

if __name__ == "__main__":
    main("check-plugin")
