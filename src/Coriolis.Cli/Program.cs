using Coriolis.Cli;

using var signals = new TerminationSignals();
var terminal = Terminal.ForProcess();
return await new App(terminal, TimeProvider.System).RunAsync(args, signals.Token).ConfigureAwait(false);
