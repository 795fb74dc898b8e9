using System.CommandLine;
using System.CommandLine.Help;

namespace Coriolis.Cli;

/// <summary>The tool as a function from a command line to an exit code.</summary>
internal sealed class App
{
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;

    public App(Terminal terminal, TimeProvider timeProvider)
    {
        _terminal = terminal;
        _timeProvider = timeProvider;
        Root = CreateRoot(
            new DemoCommand(),
            new EmulatorCommand(),
            new InspectCommand(),
            new InstancesCommand(),
            new ReplicateCommand(),
            new MigrateCommand(),
            new MorphCommand(),
            new StatusCommand(),
            new VerifyCommand(),
            new SweepCommand(),
            new OptionsCommand(),
            new SchemaCommand(),
            new DoctorCommand(),
            new IamPolicyCommand());
    }

    public RootCommand Root { get; }

    public async Task<int> RunAsync(IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        var parsed = Root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // Values cannot be read from a command line that has errors.
            var wantsJson = parsed.Tokens.Any(token => token.Value == "--json");
            var problems = parsed.Errors.Select(error => error.Message).Distinct().ToList();
            return Fail(new UsageException(problems), wantsJson, Verbosity.Normal);
        }

        // Signals are handled by the caller, and errors below, so that both end in the documented exit codes.
        var configuration = new InvocationConfiguration
        {
            Output = _terminal.Output,
            Error = _terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            var invocation = CreateInvocation(parsed);
            return Fail(exception, invocation.Json, invocation.Verbosity);
        }
    }

    private RootCommand CreateRoot(params CliCommand[] commands)
    {
        var root = new RootCommand("Replicates the disks of EC2 instances to local files, over the EBS block API or through temporary instances.");
        GlobalOptions.AddTo(root);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        foreach (var command in commands)
        {
            command.SetAction((parsed, token) => command.RunAsync(CreateInvocation(parsed), token));
            root.Add(command);
        }

        return root;
    }

    private int Fail(Exception exception, bool json, Verbosity verbosity)
    {
        ErrorWriter.Write(_terminal, exception, json, verbosity);
        return Failure.ExitCodeFor(exception);
    }

    private Invocation CreateInvocation(ParseResult parsed)
    {
        var json = parsed.CommandResult.Command is CliCommand command && command.WantsJson(parsed);
        return new Invocation(parsed, json, _terminal, _timeProvider);
    }
}
