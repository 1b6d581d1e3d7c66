"""A PostgreSQL of the test's own, which may be stopped, frozen and cut off.

initdb refuses root, so that everything runs as the user `postgres` where the tests run as root.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

PORT = 5441
# As docs/operations.md asks of a production server: no statement and no value of a row in its log.
CONFIG = f"""
port = {PORT}
listen_addresses = '127.0.0.1'
log_min_error_statement = panic
log_error_verbosity = terse
logging_collector = off
max_connections = 60
autovacuum = off
"""


def binaries() -> Path | None:
    """The folder of the newest installed server, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class Cluster:
    def __init__(self, bin_folder: Path) -> None:
        self.bin = bin_folder
        # pytest's own folders are closed to other users.
        self.folder = Path(tempfile.mkdtemp(prefix="clinic-faults-"))
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.data, self.log = self.folder / "data", self.folder / "log"
        self.run("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "-N")
        with (self.data / "postgresql.conf").open("a") as config:
            config.write(f"{CONFIG}unix_socket_directories = '{self.folder}'\n")

    @staticmethod
    def as_postgres(*command: str) -> list[str]:
        return [*(["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []), *command]

    def run(self, name: str, *arguments: str) -> bytes:
        command = self.as_postgres(str(self.bin / name), *arguments)
        # In a folder that the other user may read.
        done = subprocess.run(
            command, cwd=self.folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        return done.stdout

    def url(self, name: str, port: int = PORT) -> str:
        return f"postgres://postgres@127.0.0.1:{port}/{name}"

    def start(self) -> None:
        # pg_ctl hands its output on to the server: a pipe would never end.
        command = self.as_postgres(
            str(self.bin / "pg_ctl"), "-D", str(self.data), "-l", str(self.log), "-w", "start"
        )
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def stop(self, how: str = "immediate") -> None:
        self.run("pg_ctl", "-D", str(self.data), "-m", how, "-w", "stop")

    def processes(self) -> list[int]:
        """The first process and all that it started."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def freeze(self) -> None:
        """Nothing answers any more, yet every connection stays open and new ones are accepted."""
        for process in self.processes():
            os.kill(process, signal.SIGSTOP)

    def thaw(self) -> None:
        for process in self.processes():
            os.kill(process, signal.SIGCONT)

    def limit_files(self, size: str) -> None:
        """How large a file may grow for who asks the database; what serves it all is left alone."""
        first, *_others = self.processes()
        for process in [first, *self.backends()]:
            self.output("prlimit", f"--pid={process}", f"--fsize={size}:")

    def backends(self) -> list[int]:
        """The processes of the connections that are open now."""
        command = [str(self.bin / "psql"), "-h", "127.0.0.1", "-p", str(PORT), "-U", "postgres"]
        statement = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        done = self.output(*command, "-At", "-c", f"{statement} AND pid <> pg_backend_pid()")
        return [int(line) for line in done.split()]

    def output(self, *command: str) -> bytes:
        done = subprocess.run(
            self.as_postgres(*command), cwd=self.folder, check=True, stdout=subprocess.PIPE
        )
        return done.stdout

    def create(self, name: str, like: str = "template0") -> None:
        """A database, as a copy of another that nobody is using."""
        self.alone("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{like}"')

    def alone(self, name: str, statement: str) -> None:
        """Runs what may not stand in a transaction."""
        address = ["-h", "127.0.0.1", "-p", str(PORT), "-U", "postgres", "-d", name]
        self.run("psql", "-q", *address, "-c", statement)

    def dump(self, name: str) -> bytes:
        return self.run("pg_dump", "-h", "127.0.0.1", "-p", str(PORT), "-U", "postgres", name)

    def remove(self) -> None:
        self.thaw()
        self.stop()
        for _attempt in range(3):
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                return
            time.sleep(0.5)
