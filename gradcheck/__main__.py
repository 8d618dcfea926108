"""``python -m gradcheck``: the command line where the script is not on the path."""

from gradcheck.cli import main

if __name__ == "__main__":
    main(prog_name="gradcheck")
