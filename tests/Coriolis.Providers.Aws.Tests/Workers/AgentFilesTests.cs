using Coriolis.Providers.Aws.Workers;

namespace Coriolis.Providers.Aws.Tests.Workers;

public sealed class AgentFilesTests
{
    private const byte X64 = 62;
    private const byte Arm64 = 183;

    private string _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("coriolis-agent-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Find_WithoutSetting_IsTheAgentThatTheBuildPutBesideTheApplication()
    {
        var architecture = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64
            ? "arm64"
            : "x86_64";

        var path = AgentFiles.Find(new AwsSourceOptions(), architecture);

        Assert.That(path, Does.StartWith(AppContext.BaseDirectory).And.EndsWith("/coriolis-worker"));
    }

    [TestCase("x86_64", "linux-x64")]
    [TestCase("arm64", "linux-arm64")]
    public void Find_InAFolder_TakesTheProgramOfTheWorkersArchitecture(string architecture, string runtime)
    {
        WriteProgram("linux-x64/coriolis-worker", X64);
        WriteProgram("linux-arm64/coriolis-worker", Arm64);

        var path = AgentFiles.Find(new AwsSourceOptions { WorkerAgent = _folder }, architecture);

        Assert.That(Path.GetRelativePath(_folder, path), Is.EqualTo($"{runtime}/coriolis-worker"));
    }

    [Test]
    public void Find_AFile_IsTakenForItsOwnArchitectureOnly()
    {
        var options = new AwsSourceOptions { WorkerAgent = WriteProgram("my-agent", Arm64) };

        var error = Assert.Throws<SourceException>(() => AgentFiles.Find(options, "x86_64"));

        Assert.That(AgentFiles.Find(options, "arm64"), Is.EqualTo(options.WorkerAgent));
        Assert.That(error!.Message, Does.Contain("x86_64").And.Contain("worker_agent"));
    }

    [TestCase("#!/bin/sh\n")]
    [TestCase("")]
    public void Find_WhatIsNoProgram_IsRefused(string content)
    {
        var options = new AwsSourceOptions { WorkerAgent = Path.Combine(_folder, "agent") };
        File.WriteAllText(options.WorkerAgent, content);

        Assert.Throws<SourceException>(() => AgentFiles.Find(options, "x86_64"));
    }

    [Test]
    public void EnsureExist_NothingThere_SaysWhatToSet()
    {
        var options = new AwsSourceOptions { WorkerAgent = _folder };

        var error = Assert.Throws<SourceException>(() => AgentFiles.EnsureExist(options));

        Assert.That(AgentFiles.Exist(options), Is.False);
        Assert.That(error!.Message, Does.Contain(_folder).And.Contain("worker_agent"));
    }

    private string WriteProgram(string name, byte machine)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] header = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, .. new byte[11], machine, 0];
        File.WriteAllBytes(path, header);
        return path;
    }
}
