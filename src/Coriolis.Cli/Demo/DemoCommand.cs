using System.CommandLine;
using Coriolis.Aws.Emulator;
using Coriolis.Providers;
using Coriolis.Providers.Aws;

namespace Coriolis.Cli;

internal sealed class DemoCommand : CliCommand
{
    private readonly Option<string?> _keep = new("--keep")
    {
        Description = "Keep the volumes, the replica and the state in this folder.",
        HelpName = "DIR",
    };

    private readonly Option<string> _readPath = ReadPathOption.Create("direct");

    public DemoCommand()
        : base(
            "demo",
            "Replicates an emulated instance twice and proves that nothing is lost and nothing is left behind.",
            hasJson: false,
            "demo",
            "demo --read-path worker",
            "demo --keep /tmp/coriolis-demo")
    {
        AddAll(_readPath, _keep);
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var keep = invocation.GetOptional(_keep);
        if (keep is not null && Directory.Exists(keep) && Directory.EnumerateFileSystemEntries(keep).Any())
        {
            throw new UsageException([$"--keep {keep} is not empty."]);
        }

        var readPath = ReadPathOption.Parse(invocation.Get(_readPath));
        if (readPath == ReadPath.Worker && await AwsEmulator.FindWorkerObstacleAsync(cancellationToken).ConfigureAwait(false) is { } obstacle)
        {
            throw new UsageException([$"--read-path worker cannot be shown here. {obstacle} Everything else is shown with --read-path direct."]);
        }

        var folder = keep is null ? Directory.CreateTempSubdirectory("coriolis-demo-") : Directory.CreateDirectory(keep);
        try
        {
            return await RunAsync(invocation, readPath, folder.FullName, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (keep is null)
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static async Task<int> RunAsync(Invocation invocation, ReadPath readPath, string folder, CancellationToken cancellationToken)
    {
        var image = Path.Combine(folder, "root-image.raw");
        var rootContent = await DemoDisks.CreateRootAsync(image, folder, cancellationToken).ConfigureAwait(false);
        var options = new AwsEmulatorOptions
        {
            DataDirectory = Path.Combine(folder, "emulator"),
            TimeProvider = invocation.TimeProvider,
            Images = { [DemoAccount.ImageId] = image },
            RealWorkers = readPath == ReadPath.Worker,
        };
        var emulator = await AwsEmulator.StartAsync(options, cancellationToken).ConfigureAwait(false);
        await using var scope = emulator.ConfigureAwait(false);
        using var account = new DemoAccount(emulator);
        var instance = await account.LaunchAsync(cancellationToken).ConfigureAwait(false);
        File.Delete(image);

        var connection = new AwsConnectionInfo
        {
            Region = DemoAccount.Region,
            EndpointUrl = emulator.Endpoint,
            AccessKeyId = emulator.AccessKeyId,
            SecretAccessKey = emulator.SecretAccessKey,
        };
        var story = new DemoStory(
            invocation with { Connection = connection },
            readPath,
            account,
            instance,
            id => emulator.Admin.GetVolumePath(DemoAccount.Region, id),
            folder);
        return await story.TellAsync(rootContent, emulator.Endpoint, cancellationToken).ConfigureAwait(false);
    }
}
