"""dnaseq peaks, from a checkout."""

from dnaseq.cli import main

if __name__ == "__main__":
    main("peaks")
