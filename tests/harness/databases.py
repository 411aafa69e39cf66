"""Database servers of Debian's packages, for one run of tests: on loopback, as an unprivileged user, with
data that is gone afterwards. Run as a program it installs them, or runs a command beside them:

    python -m harness.databases install
    python -m harness.databases run COMMAND...
"""

import atexit
import contextlib
import functools
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from harness.places import ROOT

PLACE = ROOT / "target/clients/debian"
PACKAGES = ("postgresql", "mariadb-server-core", "mariadb-client-core", "redis-server")
# Nobody: PostgreSQL refuses to run as root, and the others need not.
NOBODY = 65534


@dataclass(frozen=True)
class Database:
    """A server that runs, and the login that may do everything there."""

    engine: str
    port: int
    place: pathlib.Path
    username: str
    password: str
    process: subprocess.Popen
    host: str = "127.0.0.1"

    @property
    def certificate(self):
        """Its certificate, as a PEM file; none where it has no TLS."""
        return self.place / "cert"

    def variables(self):
        """What the environment of a test says of it: its port, its log, and a client for it."""
        name = f"STRONGROOM_TEST_{self.engine.upper()}"
        client = {"postgres": "psql", "mariadb": "mariadb", "redis": "redis-cli"}[self.engine]
        yield f"{name}_PORT", str(self.port)
        yield f"{name}_LOG", str(self.place / "output")
        yield f"{name}_CLIENT", str(find(client))
        if self.certificate.exists():
            yield f"{name}_CERTIFICATE", str(self.certificate)
        yield "STRONGROOM_TEST_LIBRARIES", environment()["LD_LIBRARY_PATH"]


def install():
    """Downloads what the system lacks, with apt and its signatures, and unpacks it beside the tests."""
    if all(map(find, ("postgres", "mariadbd", "redis-server"))):
        return
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    missing = simulated()
    if not missing:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        missing = simulated()
    with tempfile.TemporaryDirectory(dir=PLACE.parent) as place:
        download(missing, place)
        for archive in pathlib.Path(place).glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", archive, f"{place}/tree"], check=True)
        os.chmod(f"{place}/tree", 0o755)
        shutil.rmtree(PLACE, ignore_errors=True)
        os.rename(f"{place}/tree", PLACE)
    unpacked.cache_clear()


def download(packages, place):
    """Downloads archives. Old lists may name versions that the mirror no longer has."""
    command = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root"]
    if subprocess.run([*command, *packages], cwd=place, check=False).returncode:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run([*command, *simulated()], cwd=place, check=True)


def simulated():
    """The packages that would have to be installed; none where the lists do not know them."""
    command = ["apt-get", "install", "--simulate", "--no-install-recommends", *PACKAGES]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line.split()[1] for line in told.stdout.splitlines() if line.startswith("Inst ")]


def find(program):
    """A program, unpacked or of the system, or None."""
    # What Debian puts before the programs of PostgreSQL is no use without an installation.
    folders = ["usr/lib/postgresql/*/bin", "usr/bin", "usr/sbin"]
    for folder in folders:
        for root in (unpacked(), pathlib.Path("/")):
            if found := sorted(root.glob(f"{folder}/{program}")):
                return found[-1]
    return None


@contextlib.contextmanager
def postgres(*settings):
    """A PostgreSQL server; passwords count for everybody but on the server's own socket."""
    with home("postgres") as place:
        data = place / "data"
        programs = find("postgres").parent
        password = place / "password"
        password.write_text("sesame\n")
        own(password)
        run(
            programs / "initdb",
            *("--no-sync", "--username=root", "--auth-host=md5", "--auth-local=trust"),
            *("--encoding=UTF8", "--locale=C", f"--pwfile={password}", f"--pgdata={data}"),
        )
        port = free_port()
        options = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": place,
            "fsync": "off",
            "shared_buffers": "16MB",
            "log_statement": "all",
            "password_encryption": "scram-sha-256",
        }
        if certify(place):
            options |= {"ssl": "on", "ssl_cert_file": place / "cert", "ssl_key_file": place / "key"}
        options |= dict(setting.split("=", 1) for setting in settings)
        switches = [f"-c{name}={value}" for name, value in options.items()]
        command = [programs / "postgres", "-D", data, *switches]
        with running("postgres", command, place, port, "root", "sesame") as database:
            yield database


@contextlib.contextmanager
def mariadb():
    """A MariaDB server."""
    with home("mariadb") as place:
        data = place / "data"
        data.mkdir()
        own(data)
        server = find("mariadbd")
        share = server.parents[1] / "share/mysql"
        base = [
            *("--no-defaults", f"--datadir={data}", f"--lc-messages-dir={share}"),
            *(f"--basedir={server.parents[1]}", "--innodb-flush-method=nosync"),
            *("--innodb-log-file-size=4M", "--innodb-buffer-pool-size=8M", "--skip-log-bin"),
            *("--aria-pagecache-buffer-size=2M", "--loose-plugin-dir=/nonexistent"),
        ]
        names = ("mysql_system_tables", "mysql_performance_tables", "mysql_system_tables_data")
        script = "create database mysql;\nuse mysql;\n" + "".join(
            (share / f"{name}.sql").read_text() for name in names
        )
        script += "flush privileges;\ncreate or replace user root@'127.0.0.1' identified by 'sesame';\n"
        script += "grant all on *.* to root@'127.0.0.1' with grant option;\n"
        run(server, *base, "--bootstrap", input=script.encode())
        port = free_port()
        places = [f"--socket={place}/socket", f"--pid-file={place}/pid", f"--log-error={place}/log"]
        command = [server, *base, *places, f"--port={port}", "--bind-address=127.0.0.1"]
        command += ["--skip-name-resolve"]
        if certify(place):
            command += [f"--ssl-cert={place}/cert", f"--ssl-key={place}/key"]
        with running("mariadb", command, place, port, "root", "sesame") as database:
            yield database


@contextlib.contextmanager
def redis():
    """A Redis server with a file of users."""
    with home("redis") as place:
        users = place / "users.acl"
        users.write_text("user default off\nuser root on >sesame ~* &* +@all\n")
        own(users)
        port = free_port()
        command = [find("redis-server"), "--bind", "127.0.0.1", "--port", port]
        command += ["--save", "", "--appendonly", "no", "--aclfile", users, "--dir", place]
        with running("redis", command, place, port, "root", "sesame") as database:
            yield database


def certify(place):
    """Makes a certificate for 127.0.0.1 that signs itself, `cert`, and its `key`; false where nothing
    can."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return False
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-keyout", place / "key", "-out", place / "cert", "-subj", "/CN=database"]
    # No certificate authority: rustls takes none as the certificate of a server.
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
    run(*command)
    return True


@contextlib.contextmanager
def home(name):
    """A folder of the unprivileged user's, gone afterwards."""
    place = pathlib.Path(tempfile.mkdtemp(prefix=f"strongroom-{name}-"))
    own(place)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def running(engine, command, place, port, username, password):
    """A server that accepts connections; ended by its process id."""
    with (place / "output").open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)), cwd=place, env=environment(), stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, **unprivileged(),
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not accepts(engine, port, place):
            if process.poll() is not None or time.monotonic() > deadline:
                told = "".join(log.read_text() for log in (place / "output", place / "log") if log.exists())
                raise AssertionError(f"{engine} does not run: {told}")
            time.sleep(0.05)
        yield Database(engine, port, place, username, password, process)
    finally:
        process.kill()
        process.wait()


def accepts(engine, port, place):
    """Whether the server answers: PostgreSQL listens before it does."""
    if engine == "postgres":
        ready = [find("pg_isready"), "-q", "-h", place, "-p", str(port)]
        return subprocess.run(ready, env=environment(), check=False).returncode == 0
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def run(*command, **options):
    """Runs a program of the packages to its end, as the servers run."""
    told = subprocess.run(
        list(map(str, command)), env=environment(), capture_output=True, check=False,
        cwd="/", **unprivileged(), **options,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr.decode() + told.stdout.decode()
    return told.stdout.decode()


@functools.cache
def unpacked():
    """Where the packages are, for everybody: a copy of them where others may not look into the folders
    above."""
    if os.geteuid() != 0 or not PLACE.exists():
        return PLACE
    if all(folder.stat().st_mode & 0o001 for folder in PLACE.parents):
        return PLACE
    copy = pathlib.Path(tempfile.mkdtemp(prefix="strongroom-debian-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    copy.chmod(0o755)
    shutil.copytree(PLACE / "usr", copy / "usr", symlinks=True)
    return copy


@functools.cache
def libraries():
    """The folders of unpacked libraries, as the loader takes them."""
    return ":".join(sorted({str(found.parent) for found in unpacked().glob("usr/lib/**/*.so*")}))


def environment():
    """Where unpacked programs find their libraries."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "LD_LIBRARY_PATH": libraries()}


def unprivileged():
    """Options of a process that has no rights of root's."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def own(path):
    """Gives a file to the user that servers run as."""
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def free_port():
    """A port that nobody listened at a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def run_beside(command):
    """Runs a command whose environment names every server that there is a program for."""
    with contextlib.ExitStack() as servers:
        told = {}
        for start in (postgres, mariadb, redis) if have_all() else ():
            told |= dict(servers.enter_context(start()).variables())
        return subprocess.run(command, env=os.environ | told, check=False).returncode


def have_all():
    """Installs what is missing. Where there is no apt, tests of servers are skipped."""
    if shutil.which("apt-get") is None:
        print("skipped: no apt-get to install database servers with", file=sys.stderr)
        return False
    try:
        install()
    except subprocess.CalledProcessError as failure:
        print(f"skipped: database servers cannot be installed: {failure}", file=sys.stderr)
        return False
    return True


def main(arguments):
    """Installs, or runs a command beside all servers, whose environment names them."""
    match arguments:
        case ["install"]:
            have_all()
            return 0
        case ["run", *command]:
            return run_beside(command)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
