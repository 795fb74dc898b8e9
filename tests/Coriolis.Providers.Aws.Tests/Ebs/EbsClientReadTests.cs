using System.Net;
using System.Security.Cryptography;
using Coriolis.Providers.Aws.Ebs;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Providers.Aws.Tests.Ebs;

public sealed class EbsClientReadTests
{
    private const string SnapshotId = "snap-0123456789abcdef0";

    private const string ZeroChecksum = "B4VNL+8pega6gWheZgwzLeNtXRjVRpJ9MNqtbX/aFUE=";

    private readonly byte[] _buffer = new byte[512 * 1024];

    private EbsFixture _fixture = null!;

    [SetUp]
    public void SetUp() => _fixture = new EbsFixture();

    [TearDown]
    public void TearDown() => _fixture.Dispose();

    [Test]
    public async Task GetSnapshotBlockAsync_Data_FillsTheBufferAndReturnsItsDigest()
    {
        Answer(() => _fixture.Service.Block(7));

        var digest = await Read();

        Assert.That(_buffer.AsSpan().ContainsAnyExcept((byte)7), Is.False);
        Assert.That(digest, Is.EqualTo(new ChunkDigest(SHA256.HashData(_buffer))));
    }

    [Test]
    public async Task GetSnapshotBlockAsync_ZerosWithTheirChecksum_ReturnsZero()
    {
        _buffer.AsSpan().Fill(1);
        Answer(() => InMemoryEbs.Block(new ByteArrayContent(new byte[_buffer.Length]), ZeroChecksum));

        var digest = await Read();

        Assert.That(digest.IsZero, Is.True);
        Assert.That(_buffer.AsSpan().ContainsAnyExcept((byte)0), Is.False);
    }

    [TestCase("algorithm", "its checksum algorithm is CRC32, not SHA256")]
    [TestCase("no algorithm", "its checksum algorithm is not stated, not SHA256")]
    [TestCase("length header", "its length is 4096, not 524288")]
    [TestCase("content length", "4096 bytes were sent instead of 524288")]
    [TestCase("short", "100 bytes arrived instead of 524288")]
    [TestCase("long", "more than 524288 bytes arrived")]
    [TestCase("digest", "the checksum of its bytes is")]
    [TestCase("no digest", "the stated one is missing")]
    [TestCase("zero digest", "its bytes are all zero but the stated checksum is")]
    public async Task GetSnapshotBlockAsync_Mismatch_ThrowsIntegrityExceptionThatSaysWhich(string fault, string expected)
    {
        Answer(() => Faulty(fault));

        var exception = await Catch<IntegrityException>();

        Assert.That(exception.Message, Does.Contain(expected).And.Contain($"block 17 of snapshot {SnapshotId}").And.Contain("request id request-1"));
        Assert.That(_fixture.Service.Requests, Has.Count.EqualTo(4), "a few attempts, not more");
    }

    [Test]
    public async Task GetSnapshotBlockAsync_MismatchOnce_ReadsTheBlockAgain()
    {
        AnswerInTurn(() => Faulty("digest"), () => _fixture.Service.Block(9));

        var digest = await Read();

        Assert.That(digest, Is.EqualTo(new ChunkDigest(SHA256.HashData(_buffer))));
        Assert.That(_buffer[0], Is.EqualTo(9));
    }

    [TestCase(HttpStatusCode.InternalServerError, "InternalServerException", null)]
    [TestCase(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", null)]
    [TestCase(HttpStatusCode.BadRequest, "RequestThrottledException", "RESOURCE_LEVEL_THROTTLE")]
    [TestCase(HttpStatusCode.BadRequest, "ThrottlingException", null)]
    public async Task GetSnapshotBlockAsync_TransientRefusal_IsRetriedWithAWarning(HttpStatusCode status, string code, string? reason)
    {
        AnswerInTurn(() => InMemoryEbs.Error(status, code, reason), () => InMemoryEbs.Error(status, code, reason), () => _fixture.Service.Block(3));

        await Read();

        var warnings = _fixture.Logs.GetSnapshot().Where(record => record.Id.Name == "EbsCallRetried").Select(record => record.Message).ToList();
        Assert.That(_buffer[0], Is.EqualTo(3));
        Assert.That(warnings, Has.Count.EqualTo(2));
        Assert.That(warnings[1], Does.Contain("block 17").And.Contain("attempt 2").And.Contain("request-1").And.Contain(code));
    }

    [Test]
    public async Task GetSnapshotBlockAsync_ConnectionDrops_IsRetried()
    {
        AnswerInTurn(() => throw new HttpRequestException("Connection reset."), () => Torn(), () => _fixture.Service.Block(3));

        await Read();

        Assert.That(_buffer[^1], Is.EqualTo(3));
        Assert.That(_fixture.Service.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task GetSnapshotBlockAsync_FailsForLongerThanTheBudget_SaysHowOftenAndHowLong()
    {
        Answer(() => InMemoryEbs.Error(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable"));
        var begin = _fixture.Time.GetTimestamp();

        var exception = await Catch<EbsException>();

        Assert.That(_fixture.Time.GetElapsedTime(begin), Is.GreaterThan(TimeSpan.FromMinutes(5)));
        Assert.That(exception.Message, Does.Match(@"block 17 of snapshot snap-\w+ failed \(attempt \d\d+, after 3\d\d\.\d s\)"));
        Assert.That(AwsErrors.RetryOf(exception), Is.EqualTo(AwsRetry.ServerFault));
        Assert.That(exception.RequestId, Is.EqualTo("request-1"));
    }

    [Test]
    public async Task GetSnapshotBlockAsync_NoAnswer_IsCutOffAsStalledAndRetried()
    {
        AnswerInTurn(token => Silence(token), _ => Task.FromResult<HttpResponseMessage?>(_fixture.Service.Block(3)));

        var read = Read();
        _fixture.Time.Advance(TimeSpan.FromSeconds(15));
        await read;

        Assert.That(_buffer[0], Is.EqualTo(3));
        Assert.That(_fixture.Logs.GetSnapshot().Select(record => record.Message), Has.Some.Contains("no byte arrived for 15 s"));
    }

    [Test]
    public async Task GetSnapshotBlockAsync_BodyStopsHalfway_IsCutOffAsStalledAndRetried()
    {
        AnswerInTurn(() => InMemoryEbs.Block(new StreamContent(new StallingStream(1000)), ZeroChecksum), () => _fixture.Service.Block(3));

        var read = Read();
        _fixture.Time.Advance(TimeSpan.FromSeconds(15));
        await read;

        Assert.That(_buffer[0], Is.EqualTo(3));
        Assert.That(_fixture.Logs.GetSnapshot().Select(record => record.Message), Has.Some.Contains("no byte arrived for 15 s (after 1,000 bytes)"));
    }

    [Test]
    public async Task GetSnapshotBlockAsync_BodyTrickles_IsCutOffByTheAttemptTimeout()
    {
        var trickle = new TricklingStream(_fixture.Time, TimeSpan.FromSeconds(10));
        AnswerInTurn(() => InMemoryEbs.Block(new StreamContent(trickle), ZeroChecksum), () => _fixture.Service.Block(3));

        await Read();

        Assert.That(_buffer[0], Is.EqualTo(3));
        Assert.That(_fixture.Logs.GetSnapshot().Select(record => record.Message), Has.Some.Contains("not complete after 60 s"));
    }

    [Test]
    public async Task GetSnapshotBlockAsync_CancelledWhileWaitingForAnAnswer_ThrowsOnlyTheCancellation()
    {
        using var cancellation = new CancellationTokenSource();
        var sent = new TaskCompletionSource();
        AnswerInTurn(token =>
        {
            sent.SetResult();
            return Silence(token);
        });
        var read = Read(cancellationToken: cancellation.Token);
        await sent.Task;

        await cancellation.CancelAsync();

        Assert.That(async () => await read, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_fixture.Service.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task GetSnapshotBlockAsync_CancelledDuringBackOff_DoesNotWaitForIt()
    {
        using var fixture = new EbsFixture(time: new FakeTimeProvider());
        using var cancellation = new CancellationTokenSource();
        fixture.Service.Intercept = (_, _) => Task.FromResult<HttpResponseMessage?>(InMemoryEbs.Error(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable"));
        var read = fixture.Client.GetSnapshotBlockAsync(SnapshotId, 17, "dG9rZW4=", _buffer, default, cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        Assert.That(async () => await read, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task GetSnapshotBlockAsync_FreshSnapshotNotVisibleYet_IsRetriedUntilItIs()
    {
        var freshUntil = _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(120);
        Answer(() => _fixture.Time.GetUtcNow() < freshUntil - TimeSpan.FromSeconds(60) ? NotFound() : _fixture.Service.Block(3));

        await Read(freshUntil: freshUntil);

        Assert.That(_buffer[0], Is.EqualTo(3));
    }

    [Test]
    public async Task GetSnapshotBlockAsync_SnapshotGone_FailsAfterTheGraceOnly()
    {
        Answer(NotFound);
        var old = await Catch<EbsException>();
        var requestsForOld = _fixture.Service.Requests.Count;
        var freshUntil = _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(120);

        var fresh = await Catch<EbsException>(freshUntil);

        Assert.That(requestsForOld, Is.EqualTo(1));
        Assert.That(old.IsNotFound && fresh.IsNotFound, Is.True);
        Assert.That(_fixture.Time.GetUtcNow(), Is.GreaterThanOrEqualTo(freshUntil));
    }

    [Test]
    public async Task GetSnapshotBlockAsync_CredentialsExpire_AreRenewedOnce()
    {
        var credentials = new RenewableCredentials();
        using var fixture = new EbsFixture(credentials: credentials);
        fixture.Service.Intercept = (request, _) => Task.FromResult<HttpResponseMessage?>(
            request.Headers.GetValues("x-amz-security-token").Single() == "token-1"
                ? InMemoryEbs.Error(HttpStatusCode.Forbidden, "ExpiredTokenException")
                : fixture.Service.Block(3));

        await fixture.Client.GetSnapshotBlockAsync(SnapshotId, 17, "dG9rZW4=", _buffer, default, CancellationToken.None);

        Assert.That(_buffer[0], Is.EqualTo(3));
        Assert.That(credentials.Generated, Is.EqualTo(2));
    }

    private static HttpResponseMessage NotFound() => InMemoryEbs.Error(HttpStatusCode.NotFound, "ResourceNotFoundException", "SNAPSHOT_NOT_FOUND");

    private static HttpResponseMessage Torn() => InMemoryEbs.Block(new StreamContent(new StallingStream(1000, new HttpIOException(HttpRequestError.ResponseEnded))), ZeroChecksum);

    private static async Task<HttpResponseMessage?> Silence(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return null;
    }

    private static HttpResponseMessage Faulty(string fault)
    {
        var data = new byte[512 * 1024];
        data.AsSpan().Fill(5);
        var checksum = Convert.ToBase64String(SHA256.HashData(data));
        return fault switch
        {
            "algorithm" => InMemoryEbs.Block(new ByteArrayContent(data), checksum, algorithm: "CRC32"),
            "no algorithm" => InMemoryEbs.Block(new ByteArrayContent(data), checksum, algorithm: null),
            "length header" => InMemoryEbs.Block(new ByteArrayContent(data), checksum, length: "4096"),
            "content length" => InMemoryEbs.Block(new ByteArrayContent(data, 0, 4096), checksum),
            "short" => InMemoryEbs.Block(new StreamContent(new UnsizedStream(data[..100])), checksum),
            "long" => InMemoryEbs.Block(new StreamContent(new UnsizedStream([.. data, 5])), checksum),
            "digest" => InMemoryEbs.Block(new ByteArrayContent(data), ZeroChecksum),
            "no digest" => InMemoryEbs.Block(new ByteArrayContent(data), null),
            _ => InMemoryEbs.Block(new ByteArrayContent(new byte[data.Length]), checksum),
        };
    }

    private Task<ChunkDigest> Read(DateTimeOffset freshUntil = default, CancellationToken cancellationToken = default) =>
        _fixture.Client.GetSnapshotBlockAsync(SnapshotId, 17, "dG9rZW4=", _buffer, freshUntil, cancellationToken).AsTask();

    private async Task<T> Catch<T>(DateTimeOffset freshUntil = default)
        where T : Exception
    {
        try
        {
            await Read(freshUntil);
        }
        catch (T exception)
        {
            return exception;
        }

        throw new AssertionException($"No {typeof(T).Name}.");
    }

    private void Answer(Func<HttpResponseMessage> answer) => _fixture.Service.Intercept = (_, _) => Task.FromResult<HttpResponseMessage?>(answer());

    private void AnswerInTurn(params Func<HttpResponseMessage>[] answers) =>
        AnswerInTurn([.. answers.Select<Func<HttpResponseMessage>, Func<CancellationToken, Task<HttpResponseMessage?>>>(
            answer => _ => Task.FromResult<HttpResponseMessage?>(answer()))]);

    private void AnswerInTurn(params Func<CancellationToken, Task<HttpResponseMessage?>>[] answers)
    {
        var next = 0;
        _fixture.Service.Intercept = (_, token) => answers[next++](token);
    }
}
