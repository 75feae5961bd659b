"""python -m dnaseq is the program dnaseq."""

from dnaseq.cli import main

if __name__ == "__main__":
    main()
