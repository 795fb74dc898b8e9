namespace Coriolis.Worker.Tests;

/// <summary>The system's certificate authorities, of which the agent trusts none: reading them all more than doubles the time of its start.</summary>
public sealed class SystemAuthoritiesTests
{
    private static readonly DateTime s_longAgo = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [TestCase("SSL_CERT_DIR")]
    [TestCase("SSL_CERT_FILE")]
    public async Task Run_SystemHasAuthorities_ReadsNone(string variable)
    {
        using var image = new ImageFile("1");
        var authorities = Directory.CreateDirectory(Path.Combine(image.DirectoryPath, "authorities")).FullName;
        var (authority, control) = (Path.Combine(authorities, "authority.pem"), Path.Combine(image.DirectoryPath, "control.pem"));
        foreach (var path in new[] { authority, control })
        {
            await File.WriteAllTextAsync(path, AgentEndpoint.CreateCertificates().AuthorityCertificate);
            File.SetLastAccessTimeUtc(path, s_longAgo);
        }

        await File.ReadAllTextAsync(control);
        if (File.GetLastAccessTimeUtc(control) == s_longAgo)
        {
            Assert.Ignore("The file system does not note when files are read.");
        }

        var value = variable == "SSL_CERT_DIR" ? authorities : authority;
        await using var agent = await AgentProcess.StartWithinAsync(["env", $"{variable}={value}"], [$"-devices={image.Path}"]);
        await using var client = agent.CreateClient();

        Assert.That(await client.ListDevicesAsync(), Has.Count.EqualTo(1));
        Assert.That(File.GetLastAccessTimeUtc(authority), Is.EqualTo(s_longAgo), "the authority's file was read");
    }
}
