using System.Text.Json;
using System.Text.Json.Nodes;

namespace Coriolis.Worker.Tests;

/// <summary>The state of an earlier run in every form that the existing client uploads, and in forms that nobody should.</summary>
public sealed class StateFileTests
{
    private ImageFile _image = null!;
    private string _state = null!;

    [SetUp]
    public void CreateImage()
    {
        _image = new ImageFile("1011");
        _state = Path.Combine(_image.DirectoryPath, "replicator_state.json");
    }

    [TearDown]
    public void DeleteImage() => _image.Dispose();

    [TestCase(null)]
    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("[1, null, \"x\", {}, {\"device-name\": \"disk.raw\"}]")]
    [TestCase("[{\"device-name\": \"disk.raw\", \"checksum-algorithm\": \"sha256\", \"size\": 9000000000000000000, \"chunk-size\": 512, \"chunks\": []}]")]
    [TestCase("[{\"device-name\": \"disk.raw\", \"checksum-algorithm\": \"sha256\", \"size\": 262144, \"chunk-size\": 0, \"chunks\": []}]")]
    [TestCase("[{\"device-name\": \"disk.")]
    [TestCase("not json at all")]
    public async Task Changes_StateThatSaysNothing_AreAllChunks(string? state)
    {
        if (state is not null)
        {
            await File.WriteAllTextAsync(_state, state);
        }

        Assert.That(await ChangedAsync(), Is.EqualTo(new[] { 0, 1, 2, 3 }));
    }

    [Test]
    public async Task Changes_OwnStateOfAnEarlierRun_AreTheChunksThatDiffer()
    {
        await SaveStateAsync(static devices => devices);
        await ChangeAsync(2);

        Assert.That(await ChangedAsync(), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task Changes_ZeroChunkThatBecameDataAndTheReverse_AreChanges()
    {
        await SaveStateAsync(static devices => devices);
        await ChangeAsync(1);
        _image.Content.AsSpan(3 * ImageFile.ChunkSize).Clear();
        await File.WriteAllBytesAsync(_image.Path, _image.Content);

        Assert.That(await ChangedAsync(), Is.EqualTo(new[] { 1, 3 }));
    }

    [TestCase("digest")]
    [TestCase("hash")]
    public async Task Changes_StateOfAReplicatorWithAnotherKey_IsUnderstood(string key)
    {
        await SaveStateAsync(devices =>
        {
            devices[0]!["somebody-elses"] = new JsonObject { ["key"] = 1 };
            foreach (var chunk in devices[0]!["chunks"]!.AsArray())
            {
                chunk![key] = chunk["checksum"]!.GetValue<string>().ToUpperInvariant();
                chunk.AsObject().Remove("checksum");
            }

            return devices;
        });
        await ChangeAsync(0);

        Assert.That(await ChangedAsync(), Is.EqualTo(new[] { 0 }));
    }

    [TestCase("-chunk-size=131072", new[] { 0, 1 })]
    [TestCase("-hash-method=xxhash", new[] { 0, 1, 2, 3 })]
    public async Task Changes_StateOfOtherSettings_AreAllChunks(string flag, int[] expected)
    {
        await SaveStateAsync(static devices => devices);

        Assert.That(await ChangedAsync(flag), Is.EqualTo(expected));
    }

    [Test]
    public async Task Changes_WithXxHash_AreFoundAsWell()
    {
        await SaveStateAsync(static devices => devices, "-hash-method=xxhash");
        await ChangeAsync(3);

        Assert.That(await ChangedAsync("-hash-method=xxhash"), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public async Task Changes_DiskThatGrew_AreWhatIsNew()
    {
        await SaveStateAsync(static devices => devices);
        await File.WriteAllBytesAsync(_image.Path, [.. _image.Content, .. new byte[100]]);

        Assert.That(await ChangedAsync(), Is.EqualTo(new[] { 4 }));
    }

    [Test]
    public async Task Changes_StateWithChunksOutOfPlace_CountOnlyTheOnesThatFit()
    {
        await SaveStateAsync(devices =>
        {
            var chunks = devices[0]!["chunks"]!.AsArray();
            chunks[0]!["offset"] = -65536;
            chunks[1]!["length"] = 1;
            chunks[2]!["checksum"] = "abc";
            return devices;
        });

        Assert.That(await ChangedAsync(), Is.EqualTo(new[] { 0, 1, 2 }));
    }

    private async Task ChangeAsync(int chunk)
    {
        _image.Content[chunk * ImageFile.ChunkSize] ^= 0xFF;
        await File.WriteAllBytesAsync(_image.Path, _image.Content);
    }

    /// <summary>What the client keeps: the answer to the list that is not brief.</summary>
    private async Task SaveStateAsync(Func<JsonArray, JsonArray> edit, params string[] flags)
    {
        await using var agent = await StartAsync(flags);
        using var http = agent.Endpoint.CreateHttpClient();
        await EndpointTests.WaitUntilHashedAsync(http);
        var devices = JsonNode.Parse(await http.GetStringAsync("/api/v1/dev?brief=False"))!.AsArray();
        await File.WriteAllTextAsync(_state, edit(devices).ToJsonString());
    }

    private async Task<IReadOnlyList<int>> ChangedAsync(params string[] flags)
    {
        await using var agent = await StartAsync(flags);
        using var http = agent.Endpoint.CreateHttpClient();
        using var chunks = JsonDocument.Parse(await EndpointTests.PollAsync(http, "/api/v1/dev/disk.raw/chunks/changes/"));
        var first = flags.Any(flag => flag.EndsWith("131072", StringComparison.Ordinal)) ? 2 * ImageFile.ChunkSize : ImageFile.ChunkSize;
        return [.. chunks.RootElement.EnumerateArray().Select(chunk => (int)(chunk.GetProperty("offset").GetInt64() / first))];
    }

    private Task<AgentProcess> StartAsync(string[] flags) =>
        AgentProcess.StartAsync([_image.Path], [$"-chunk-size={ImageFile.ChunkSize}", $"-state-file={_state}", .. flags]);
}
