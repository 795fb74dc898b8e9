using Coriolis.Morphing.Guests;
using Coriolis.Providers;
using Coriolis.Providers.Aws;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>Runs one of the morphers that AddCoriolisAws registers on a guest in a directory.</summary>
internal static class TestMorpher
{
    public static readonly GuestOs Linux = new() { Type = OsType.Linux, Name = "a test's Linux" };

    public static Task<MorphReport> RunAsync(
        string name, TemporaryDirectory guest, GuestOs? os = null, MorphRequest? request = null, AwsLeftovers remove = AwsLeftovers.All) =>
        RunAsync(name, guest.Path, os, request, remove);

    public static async Task<MorphReport> RunAsync(
        string name, string guest, GuestOs? os = null, MorphRequest? request = null, AwsLeftovers remove = AwsLeftovers.All)
    {
        Machine.NeedsRoot();
        await using var services = new ServiceCollection().AddCoriolisAws().Configure<AwsMorphOptions>(options => options.Remove = remove).BuildServiceProvider();
        using var root = LocalGuestRoot.Open(guest);
        return await services.GetServices<IOsMorpher>().Single(morpher => morpher.Name == name).MorphAsync(root, os ?? Linux, request ?? new());
    }

    /// <summary>Every file of a guest with its contents, every link with its target.</summary>
    public static string Snapshot(TemporaryDirectory guest) => Machine.Run(
        "sh", "-ec", "cd \"$0\"; find . -printf '%p %y %m %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0 --no-run-if-empty sha256sum", guest.Path);
}
