from cli.conftest import vpo

__all__ = ["vpo"]
