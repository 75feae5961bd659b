"""The program dnaseq, for python -m dnaseq."""

from dnaseq.cli import main

if __name__ == "__main__":
    main()
