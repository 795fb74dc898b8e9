using System.Diagnostics;

namespace Coriolis.Worker.Tests;

/// <summary>The system's certificate authorities, of which the agent trusts none: reading them all more than doubles the time of its start.</summary>
public sealed class SystemAuthoritiesTests
{
    [TestCase("SSL_CERT_DIR")]
    [TestCase("SSL_CERT_FILE")]
    public async Task Run_SystemHasAuthorities_ReadsNone(string variable)
    {
        using var image = new ImageFile("1");
        var authorities = Directory.CreateDirectory(Path.Combine(image.DirectoryPath, "authorities")).FullName;
        var authority = Path.Combine(authorities, "authority.pem");
        using var making = Process.Start("mkfifo", [authority]);
        await making.WaitForExitAsync();
        Assert.That(making.ExitCode, Is.Zero);

        // Nobody writes to the pipe, so that whoever opens it waits without end.
        var path = variable == "SSL_CERT_DIR" ? authorities : authority;
        await using var agent = await AgentProcess.StartWithinAsync(["env", $"{variable}={path}"], [$"-devices={image.Path}"]);
        await using var client = agent.CreateClient();

        Assert.That(await client.ListDevicesAsync(), Has.Count.EqualTo(1));
    }
}
