using System.Text.Json;

namespace Coriolis.Worker;

/// <summary>The endpoints of the existing replicator.</summary>
internal sealed class ReplicatorApi(DiskRegister disks, Agent agent, ReplicatorOptions options, CancellationToken agentToken)
{
    private const string Devices = "/api/v1/dev";
    private const string Json = "application/json";

    public Task HandleAsync(HttpRequest request, HttpResponse response, CancellationToken cancellationToken)
    {
        if (request.Method is not ("GET" or "HEAD"))
        {
            throw new HttpFaultException(405, "Only GET and HEAD are answered here.") { Headers = ["Allow: GET, HEAD"] };
        }

        var path = request.Path.TrimEnd('/');
        if (path == Devices)
        {
            return ListAsync(request, response, cancellationToken);
        }

        if (path.StartsWith("/device/", StringComparison.Ordinal))
        {
            return new DeviceContent(disks.Find(path["/device/".Length..]).Disk, agent).SendAsync(request, response, cancellationToken);
        }

        if (!path.StartsWith(Devices + "/", StringComparison.Ordinal))
        {
            throw new HttpFaultException(404, $"There is nothing at {path}.");
        }

        return path[(Devices.Length + 1)..] switch
        {
            var name when TryTrim(name, "/chunks/changes", out var device) => ListChunksAsync(device, IsChanged, request, response, cancellationToken),
            var name when TryTrim(name, "/chunks", out var device) => ListChunksAsync(
                device, Flag(request, "skipZeros") ? IsNotZero : IsAny, request, response, cancellationToken),
            var name when TryTrim(name, "/checksum", out var device) => ChecksumAsync(device, response, cancellationToken),
            var name => ShowAsync(name, request, response, cancellationToken),
        };
    }

    private static bool IsAny(HashedDisk hashed, int index) => true;

    private static bool IsNotZero(HashedDisk hashed, int index) => hashed.Chunks.StateOf(index) != ChunkState.Zero;

    private static bool IsChanged(HashedDisk hashed, int index) => !hashed.Chunks.IsUnchanged(index, hashed.Earlier);

    /// <summary>The client is written in Python: its booleans are <c>True</c> and <c>False</c>.</summary>
    private static bool Flag(HttpRequest request, string name) => request.Query.GetValueOrDefault(name, "False") switch
    {
        "True" or "true" or "1" => true,
        "False" or "false" or "0" => false,
        var other => throw new HttpFaultException(400, $"{name} is {other}, neither True nor False."),
    };

    private static bool TryTrim(string text, string suffix, out string rest)
    {
        rest = text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : "";
        return rest.Length > 0;
    }

    private static Task SendJsonAsync(
        HttpRequest request, HttpResponse response, Func<Utf8JsonWriter, Task> write, CancellationToken cancellationToken) =>
        response.StreamAsync(
            200,
            Json,
            request.AcceptsGzip,
            [],
            async body =>
            {
                var json = new Utf8JsonWriter(body);
                await using var _ = json.ConfigureAwait(false);
                await write(json).ConfigureAwait(false);
                await json.FlushAsync(cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);

    private Task ListAsync(HttpRequest request, HttpResponse response, CancellationToken cancellationToken)
    {
        var brief = Flag(request, "brief");
        var listed = disks.List();
        return SendJsonAsync(
            request,
            response,
            async json =>
            {
                json.WriteStartArray();
                foreach (var hashed in listed)
                {
                    await DeviceDocument.WriteDeviceAsync(json, hashed, options, brief, cancellationToken).ConfigureAwait(false);
                }

                json.WriteEndArray();
            },
            cancellationToken);
    }

    private Task ShowAsync(string name, HttpRequest request, HttpResponse response, CancellationToken cancellationToken)
    {
        var brief = Flag(request, "brief");
        var hashed = disks.Find(name);
        return SendJsonAsync(
            request, response, json => DeviceDocument.WriteDeviceAsync(json, hashed, options, brief, cancellationToken), cancellationToken);
    }

    /// <summary>A list that is not complete yet would make the client leave out what comes later, so it is a conflict.</summary>
    private Task ListChunksAsync(
        string name, Func<HashedDisk, int, bool> isChosen, HttpRequest request, HttpResponse response, CancellationToken cancellationToken)
    {
        var hashed = disks.Find(name);
        if (!hashed.IsHashed)
        {
            throw new HttpFaultException(
                409, options.DisableChunking ? "Chunking is disabled." : $"{hashed.CompletedChunks} of {hashed.Chunks.Count} chunks are hashed.");
        }

        return SendJsonAsync(
            request, response, json => DeviceDocument.WriteChunksAsync(json, hashed, isChosen, cancellationToken), cancellationToken);
    }

    private Task ChecksumAsync(string name, HttpResponse response, CancellationToken cancellationToken)
    {
        var hashed = disks.Find(name);
        if (!options.DisableChunking && !hashed.IsHashed)
        {
            throw new HttpFaultException(409, $"{hashed.CompletedChunks} of {hashed.Chunks.Count} chunks are hashed.");
        }

        var checksum = hashed.Checksum.Poll(agentToken) ?? throw new HttpFaultException(409, "The checksum is being computed.");
        var text = $$"""{"checksum":"{{checksum}}","algorithm":"{{options.HashName}}"}""";
        return response.WriteTextAsync(200, Json, text, [], cancellationToken);
    }
}
