"""`python -m gateway` is the command `lapor-gateway`."""

from gateway.main import main

if __name__ == "__main__":
    main()
