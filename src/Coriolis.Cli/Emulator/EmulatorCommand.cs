using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli;

internal sealed class EmulatorCommand : CliCommand
{
    private readonly Option<string> _listen = new("--listen")
    {
        Description = "Loopback address and port to listen on; port 0 takes any free one.",
        HelpName = "ADDRESS:PORT",
        DefaultValueFactory = _ => "127.0.0.1:4599",
    };

    private readonly Option<string> _data = new("--data")
    {
        Description = "Folder of the state and the bytes of the volumes; a later run continues with it.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<string[]> _images = new("--image")
    {
        Description = "Offer a raw disk as a machine image; may be given several times.",
        HelpName = "ami-ID=FILE.raw",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _credentials = new("--credentials")
    {
        Description = "An access key that is accepted; may be given several times. Otherwise one is made up and printed.",
        HelpName = "ID:SECRET",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _policies = new("--policy")
    {
        Description = "An IAM policy of an access key of --credentials, which may do everything without one; may be given several times.",
        HelpName = "ID=FILE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _faults = new("--faults")
    {
        Description = "A JSON file with the faults to inject.",
        HelpName = "FILE",
    };

    public EmulatorCommand()
        : base(
            "emulator",
            "Runs EC2, EBS, KMS and STS on loopback until Ctrl-C, with real signatures and real bytes.",
            hasJson: false,
            "emulator --listen 127.0.0.1:4599 --data /tmp/emulator",
            "emulator --data DIR --credentials AKIAEXAMPLE:secret")
    {
        _listen.Validators.Add(RequireLoopback);
        _images.Validators.Add(RequireImages);
        _credentials.Validators.Add(RequireIdAndSecret);
        _policies.Validators.Add(RequirePolicies);
        _faults.Validators.Add(RequireFile);
        AddAll(_listen, _data, _images, _credentials, _policies, _faults);
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var options = new AwsEmulatorOptions
        {
            DataDirectory = invocation.Get(_data),
            Listen = ParseAddress(invocation.Get(_listen))!,
            TimeProvider = invocation.TimeProvider,
        };
        foreach (var (id, file) in invocation.Get(_images).Select(SplitPair))
        {
            options.Images[id] = file;
        }

        var given = invocation.Get(_credentials);
        var policies = invocation.Get(_policies).Select(SplitPair).ToLookup(static pair => pair.Id, static pair => pair.File);
        RequireKnown(given, policies);
        foreach (var credential in given.Select(SplitCredentials))
        {
            options.Credentials.Add(credential with { Policies = [.. policies[credential.AccessKeyId].Select(File.ReadAllText)] });
        }

        if (invocation.GetOptional(_faults) is { } faults)
        {
            options.Faults = LoadFaults(faults);
        }

        var emulator = await StartAsync(options, cancellationToken).ConfigureAwait(false);
        await using var scope = emulator.ConfigureAwait(false);
        WriteEnvironment(invocation, emulator, secretIsKnown: given.Length > 0);
        await WaitForCancellationAsync(cancellationToken).ConfigureAwait(false);

        // Being stopped is how this command ends, so it is a success.
        return ExitCode.Done;
    }

    private static void WriteEnvironment(Invocation invocation, AwsEmulator emulator, bool secretIsKnown)
    {
        var terminal = invocation.Terminal;
        terminal.WriteResult($"export AWS_ENDPOINT_URL={emulator.Endpoint.AbsoluteUri.TrimEnd('/')}");
        terminal.WriteResult($"export AWS_REGION={invocation.Connection.Region ?? "us-east-1"}");
        terminal.WriteResult($"export AWS_ACCESS_KEY_ID={emulator.AccessKeyId}");
        if (!secretIsKnown)
        {
            terminal.WriteResult($"export AWS_SECRET_ACCESS_KEY={emulator.SecretAccessKey}");
        }

        invocation.Note(secretIsKnown
            ? "Set AWS_SECRET_ACCESS_KEY to the secret of --credentials. Ctrl-C stops the emulator."
            : "Paste these lines into another shell. Ctrl-C stops the emulator.");
    }

    private static async Task<AwsEmulator> StartAsync(AwsEmulatorOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await AwsEmulator.StartAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (FormatException exception)
        {
            throw new UsageException([$"--policy: {exception.Message}"]);
        }
    }

    private static void RequireKnown(string[] credentials, ILookup<string, string> policies)
    {
        var unknown = policies.Select(static policy => policy.Key).Except(credentials.Select(static pair => SplitCredentials(pair).AccessKeyId)).ToList();
        if (unknown.Count > 0)
        {
            throw new UsageException([.. unknown.Select(static id => $"--policy {id}=…: no --credentials names the access key '{id}'.")]);
        }
    }

    private static FaultPlan LoadFaults(string file)
    {
        try
        {
            return FaultPlan.Load(file);
        }
        catch (FormatException exception)
        {
            throw new UsageException([exception.Message]);
        }
    }

    private static Task WaitForCancellationAsync(CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellationToken.Register(cancelled.SetResult);
        return cancelled.Task;
    }

    private static IPEndPoint? ParseAddress(string? text)
    {
        var hasPort = text?.LastIndexOf(':') > text?.LastIndexOf(']');
        var normal = text?.Replace("localhost", "127.0.0.1", StringComparison.OrdinalIgnoreCase);
        return hasPort && IPEndPoint.TryParse(normal!, out var address) ? address : null;
    }

    private static (string Id, string File) SplitPair(string pair)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        return (pair[..equals], pair[(equals + 1)..]);
    }

    private static EmulatorCredential SplitCredentials(string credentials)
    {
        var colon = credentials.IndexOf(':', StringComparison.Ordinal);
        return new EmulatorCredential(credentials[..colon], credentials[(colon + 1)..]);
    }

    private static void RequireLoopback(OptionResult result)
    {
        var text = result.GetValueOrDefault<string>();
        if (ParseAddress(text) is not { } address)
        {
            result.AddError($"--listen must be an address and a port, for example 127.0.0.1:4599, not '{text}'.");
        }
        else if (!IPAddress.IsLoopback(address.Address))
        {
            result.AddError($"--listen must be a loopback address, not '{text}': the emulator protects nothing that it holds.");
        }
    }

    private static void RequireImages(OptionResult result)
    {
        foreach (var image in result.GetValueOrDefault<string[]>())
        {
            var equals = image.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !image.StartsWith("ami-", StringComparison.Ordinal))
            {
                result.AddError($"--image must be ami-ID=FILE.raw, not '{image}'.");
            }
            else if (!File.Exists(image[(equals + 1)..]))
            {
                result.AddError($"--image {image}: the file does not exist.");
            }
        }
    }

    private static void RequireIdAndSecret(OptionResult result)
    {
        foreach (var credentials in result.GetValueOrDefault<string[]>())
        {
            // The value is a secret, so the message does not repeat it.
            var colon = credentials.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || colon == credentials.Length - 1)
            {
                result.AddError("--credentials must be ID:SECRET.");
            }
        }
    }

    private static void RequirePolicies(OptionResult result)
    {
        foreach (var policy in result.GetValueOrDefault<string[]>())
        {
            var equals = policy.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                result.AddError($"--policy must be ID=FILE, not '{policy}'.");
            }
            else if (!File.Exists(policy[(equals + 1)..]))
            {
                result.AddError($"--policy {policy}: the file does not exist.");
            }
        }
    }

    private static void RequireFile(OptionResult result)
    {
        var file = result.GetValueOrDefault<string?>();
        if (!File.Exists(file))
        {
            result.AddError($"--faults {file}: the file does not exist.");
        }
    }
}
