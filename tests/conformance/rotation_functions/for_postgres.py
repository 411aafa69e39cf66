"""A single user of PostgreSQL."""

import sys

import pg8000.exceptions
import pg8000.native
import rotation


def handler(event, context):
    rotation.rotate(event, sys.modules[__name__])


def enter(login):
    return pg8000.native.Connection(
        user=login["username"],
        password=login["password"],
        host=login["host"],
        port=login["port"],
        database=login["dbname"],
        timeout=5,
        # None tries TLS first.
        ssl_context=None if login.get("ssl", True) else False,
    )


def works(login):
    try:
        enter(login).close()
    except pg8000.exceptions.DatabaseError:
        return False
    return True


def set_password(login, password):
    connection = enter(login)
    name = pg8000.native.identifier(login["username"])
    connection.run(f"alter user {name} with password {pg8000.native.literal(password)}")
    connection.close()
