"""A single user of MariaDB."""

import sys

import pymysql
import rotation


def handler(event, context):
    rotation.rotate(event, sys.modules[__name__])


def enter(login):
    return pymysql.connect(
        host=login["host"],
        port=login["port"],
        user=login["username"],
        password=login["password"],
        connect_timeout=5,
    )


def works(login):
    try:
        enter(login).close()
    except pymysql.err.OperationalError:
        return False
    return True


def set_password(login, password):
    connection = enter(login)
    with connection.cursor() as cursor:
        cursor.execute("set password = password(%s)", (password,))
    connection.close()
