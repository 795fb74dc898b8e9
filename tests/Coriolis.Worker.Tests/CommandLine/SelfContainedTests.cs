using System.Diagnostics;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>The agent as it is built where native code cannot be linked.</summary>
public sealed class SelfContainedTests
{
    private static readonly string[] s_loneFile = ["coriolis-worker"];

    [TestCase("linux-x64")]
    [TestCase("linux-arm64")]
    [Explicit("Builds the agent again, which takes some minutes.")]
    public async Task Publish_WithoutALinker_MakesOneFileThatServesADisk(string runtime)
    {
        using var folder = new ImageFile("1");
        var output = Path.Combine(folder.DirectoryPath, "published");
        using var publish = Process.Start(
            "dotnet",
            [
                "publish", FindProject(AppContext.BaseDirectory), "--nologo", "-c", "Release", "-r", runtime, "-p:CanLink=false",
                "--artifacts-path", Path.Combine(folder.DirectoryPath, "artifacts"), "-o", output,
            ]);
        await publish.WaitForExitAsync();

        Assert.That(publish.ExitCode, Is.Zero);
        var program = Path.Combine(output, "coriolis-worker");
        Assert.That(Directory.EnumerateFiles(output).Select(Path.GetFileName), Is.EqualTo(s_loneFile));
        Assert.That(new FileInfo(program).Length, Is.LessThanOrEqualTo(15 * 1024 * 1024));
        if (runtime == new DirectoryInfo(Path.GetDirectoryName(AgentProcess.ProgramPath)!).Name)
        {
            await AssertServesAsync(program);
        }
    }

    private static async Task AssertServesAsync(string program)
    {
        using var image = new ImageFile("1101", tail: 4096);
        await using var agent = await AgentProcess.StartBuildAsync(program, [$"-devices={image.Path}"]);
        await using var client = agent.CreateClient();
        var device = (await client.ListDevicesAsync()).Single();
        var rebuilt = new byte[image.Content.Length];
        await foreach (var run in client.ScanAsync(new WorkerScan { Device = device, ChunkSize = ImageFile.ChunkSize, IncludeData = true, AllowCompression = true }))
        {
            run.Data.CopyTo(rebuilt.AsMemory((int)run.Range.Offset));
        }

        Assert.That(rebuilt, Is.EqualTo(image.Content));
    }

    private static string FindProject(string folder) => Path.Combine(folder, "src", "Coriolis.Worker", "Coriolis.Worker.csproj") is var project && File.Exists(project)
        ? project
        : FindProject(Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))!);
}
