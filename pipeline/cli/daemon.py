"""``wirefold daemon``: polls what is due until it is told to stop."""

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, command_app
from pipeline.cli.outcome import DONE, guarded

app = command_app()


@app.command(epilog="Example: wirefold daemon --config /etc/wirefold --data /var/lib/wirefold")
@guarded
def daemon(*, config: ConfigDir = None, data: DataDir = None, json: Json = False, verbose: Verbose = False) -> int:
    """Polls what is due until it is told to stop.

    SIGTERM or SIGINT finish what is in hand within schedule.shutdown_grace_s seconds; a second one ends at once.
    An orderly stop is exit code 0, whatever single feeds did: their health is `wirefold feeds list`.
    """
    from pipeline.cli import summary as view
    from pipeline.configuration.load import require_feeds

    call = begin(config, data, json=json, verbose=verbose, service=True)
    require_feeds(call.settings, call.config_dir)

    from pipeline.engines import daemon as engine

    summary = engine.run(call.settings, call.data)
    view.show(summary, data=str(call.data), as_json=json, verbose=verbose)
    return DONE
