"""The Web API methods. Importing a module registers its methods; `load` imports them all."""

from importlib import import_module

MODULES = (
    "auth",
    "blocks",
    "chat",
    "conversations",
    "files",
    "history",
    "oauth",
    "reactions",
    "unfurl",
    "usergroups",
    "users",
    "views",
)


def load() -> None:
    for module in MODULES:
        import_module(f"{__name__}.{module}")
