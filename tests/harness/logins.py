"""Logins to databases, as the JSON of a secret tells them, with other people's drivers."""

import socket
import ssl

import pg8000.exceptions
import pg8000.native
import pymysql


class Denied(Exception):
    """The server does not take the password."""


class Postgres:
    """A session with PostgreSQL."""

    def __init__(self, told, authority=None):
        try:
            self.connection = pg8000.native.Connection(
                user=told["username"],
                password=told["password"],
                host=told["host"],
                port=told["port"],
                database=told.get("dbname", "postgres"),
                ssl_context=ssl.create_default_context(cafile=authority) if authority else False,
            )
        except pg8000.exceptions.DatabaseError as refused:
            # 28P01: invalid_password.
            if refused.args[0].get("C") != "28P01":
                raise
            raise Denied from None

    def ask(self, question="select current_user"):
        """The first value of the answer; None where there is none."""
        rows = self.connection.run(question)
        return rows[0][0] if rows else None

    def close(self):
        self.connection.close()


class Mariadb:
    """A session with MariaDB."""

    def __init__(self, told, authority=None):
        try:
            self.connection = pymysql.connect(
                user=told["username"],
                password=told["password"],
                host=told["host"],
                port=told["port"],
                database=told.get("dbname"),
                ssl_ca=str(authority) if authority else None,
                ssl_disabled=authority is None,
            )
        except pymysql.err.OperationalError as refused:
            # ER_ACCESS_DENIED_ERROR.
            if refused.args[0] != 1045:
                raise
            raise Denied from None

    def ask(self, question="select current_user()"):
        """The first value of the answer; None where there is none."""
        with self.connection.cursor() as cursor:
            cursor.execute(question)
            row = cursor.fetchone()
        return row[0] if row else None

    def close(self):
        self.connection.close()


class Redis:
    """A session with Redis."""

    def __init__(self, told, _=None):
        self.socket = socket.create_connection((told["host"], told["port"]), timeout=20)
        self.answers = self.socket.makefile("rb")
        try:
            self.ask(f"AUTH {told['username']} {told['password']}")
        except AssertionError as refused:
            if "WRONGPASS" not in str(refused):
                raise
            raise Denied from None

    def ask(self, question="ACL WHOAMI"):
        """The answer to a command whose words have no spaces in them, if that is a text."""
        words = question.encode().split(b" ")
        lines = [b"*%d\r\n" % len(words), *(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)]
        self.socket.sendall(b"".join(lines))
        answer = self.answers.readline().rstrip().decode()
        assert answer[:1] in ("+", ":", "$"), answer
        if answer.startswith("$-1"):
            return None
        if answer.startswith("$"):
            return self.answers.read(int(answer[1:]) + 2)[:-2].decode()
        return answer[1:]

    def close(self):
        self.socket.close()


KINDS = {"postgres": Postgres, "mariadb": Mariadb, "redis": Redis}


def enter(told, authority=None):
    """A session of the login that a secret tells; with TLS if there is an authority to trust."""
    return KINDS[told["engine"]](told, authority)


def works(told, authority=None):
    """Whether the login is taken, by the name it says."""
    try:
        session = enter(told, authority)
    except Denied:
        return False
    name = session.ask()
    session.close()
    assert name.split("@")[0] == told["username"]
    return True


def superuser(database):
    """The login that may do everything, as the JSON of a secret tells it."""
    return {
        "engine": database.engine,
        "host": database.host,
        "port": database.port,
        "username": database.username,
        "password": database.password,
    }


def new_user(database, name, password="first-0f-all"):
    """Makes a user with something of their own, which its grants alone let others see; their login."""
    told = superuser(database)
    if database.engine == "postgres":
        told["dbname"] = "postgres"
    commands = {
        "postgres": [
            f"create role {name} login password '{password}'",
            f"create schema of_{name} authorization {name}",
        ],
        "mariadb": [
            f"create user {name}@'127.0.0.1' identified by '{password}'",
            f"create database of_{name}",
            f"grant all on of_{name}.* to {name}@'127.0.0.1'",
        ],
        "redis": [f"ACL SETUSER {name} on >{password} ~of_{name}:* +get +set +acl"],
    }
    session = enter(told)
    for command in commands[database.engine]:
        session.ask(command)
    session.close()
    return {**told, "username": name, "password": password}


def keep(told, value):
    """Writes what only a user with the grants of the first one may."""
    owner = told["username"].removesuffix("_clone")
    session = enter(told)
    if told["engine"] == "redis":
        session.ask(f"SET of_{owner}:kept {value}")
        kept = session.ask(f"GET of_{owner}:kept")
    else:
        session.ask(f"create table of_{owner}.t{value} (x int)")
        session.ask(f"insert into of_{owner}.t{value} values ({value})")
        kept = session.ask(f"select x from of_{owner}.t{value}")
    session.close()
    assert str(kept) == str(value)
