"""``wirefold serve``: pages, API, feeds and metrics over the store."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, check_address, command_app
from pipeline.cli.outcome import DONE, guarded
from pipeline.errors import ConfigError

app = command_app()


@app.command(epilog="Example: wirefold serve --data /var/lib/wirefold --port 8480")
@guarded
def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; others than loopback are open to all.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", help="Port to listen on; 0: any.", min=0, max=65535)] = 8480,
    public_url: Annotated[
        str | None, typer.Option("--public-url", metavar="URL", help="How the outside sees it (behind a proxy).")
    ] = None,
    index: Annotated[
        Path | None, typer.Option("--index", metavar="FILE", help="Side database [default: DATA/state/serve.db].")
    ] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Shows what the store knows, read-only, until it is told to stop.

    Pages for people, the same as JSON, Atom and JSON Feed of stories, metrics. A daemon may be writing at the same time.
    The first start builds a side database (lists and search) from the streams; it may be deleted at any time.
    """
    call = begin(config, data, json=json, verbose=verbose, service=True)
    if public_url is not None:
        check_address("--public-url", public_url)
    try:
        from pipeline.serve.server import run
        from pipeline.serve.web.site import ServeOptions
    except ModuleNotFoundError as missing:
        raise ConfigError(f"serve needs {missing.name}: install wirefold[serve]") from missing

    from pipeline.cli.terminal import emit
    from pipeline.engines.notify import notify

    def ready(address: str) -> None:
        notify("READY=1")
        if json:
            emit({"address": address})
        else:
            typer.echo(f"serving {call.data} at {address}")

    run(
        call.settings,
        call.data,
        ServeOptions(host=host, port=port, public_url=public_url),
        index=index,
        ready=ready,
    )
    return DONE
