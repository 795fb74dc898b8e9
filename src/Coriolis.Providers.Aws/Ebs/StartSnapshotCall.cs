using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Starts a snapshot that is filled block by block.</summary>
internal sealed class StartSnapshotCall : EbsCall<StartSnapshotResponse>
{
    private const string ContentType = "application/json";

    private readonly byte[] _body;

    public StartSnapshotCall(StartSnapshotRequest request)
        : base(EbsOperation.StartSnapshot, "(new)")
    {
        _body = JsonSerializer.SerializeToUtf8Bytes(request, EbsJsonContext.Default.StartSnapshotRequest);
        PayloadHash = Convert.ToHexStringLower(SHA256.HashData(_body));
    }

    public override string Subject => "a snapshot";

    public override HttpMethod Method => HttpMethod.Post;

    public override string Path => "/snapshots";

    public override string PayloadHash { get; }

    public override HttpContent CreateContent() => new ByteArrayContent(_body) { Headers = { ContentType = new MediaTypeHeaderValue(ContentType) } };

    public override ValueTask<StartSnapshotResponse> ReadAsync(HttpResponseMessage response, AttemptWatch watch) =>
        EbsJsonReader.ReadAsync(this, response, EbsJsonContext.Default.StartSnapshotResponse, watch);
}
