using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>The bytes of version 1 of the protocol. They were put together by other means than this code and never change.</summary>
public sealed class GoldenBytesTests
{
    private const string Hello = "0100000000000000160000004357524b01000100030000000800636f72696f6c6973";
    private const string Scan =
        "03000000070000003f00000007006e766d65316e310000004000000000000080000000080001030200000000000000000000000000100000000000000020000000000000"
        + "10000000000000";
    private const string Credit = "04000000070000000400000040000000";
    private const string Welcome =
        "8100000000000000270000004357524b01000300000033221100554477668899aabbccddeeff7800000002000500312e322e33";
    private const string Devices =
        "8200000007000000440000000100000007006e766d65316e310c002f6465762f6e766d65316e310700766f6c30313233030045425300000040000000000002000000"
        + "10000003010006006e766d652d78";
    private const string Digests =
        "8300000007000000540000000000000000000000000010000000000002000000"
        + "1111111111111111111111111111111111111111111111111111111111111111"
        + "2222222222222222222222222222222222222222222222222222222222222222";
    private const string Zeros = "84000000070000001000000000001000000000000000080000000000";
    private const string Data =
        "85000000070000003400000000100000000000000400000000000000333333333333333333333333333333333333333333333333333333333333333301020304";
    private const string Unreadable = "8600000007000000140000000020000000000000001000000000000005000000";
    private const string Completed = "87000000070000001900000001640000000000000032000000000000001900000000000000";
    private const string Pong =
        "880000000700000028000000dc050000e803000000000000d007000000000000b80b000000000000a00f00000000000005000000";
    private const string Failed = "8f0000000700000006000000040002006e6f";

    private static readonly Hello s_hello = new(1, 1, ProtocolFeatures.Zstd | ProtocolFeatures.XxHash3, "coriolis");
    private static readonly Welcome s_welcome = new(
        1, ProtocolFeatures.Zstd | ProtocolFeatures.XxHash3, Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), TimeSpan.FromMinutes(2), 2, "1.2.3");
    private static readonly ScanRequest s_scan = new(
        "nvme1n1", 1L << 30, 8 << 20, 512 * 1024, WorkerHash.Sha256, true, true, [new WorkerRange(0, 1048576), new WorkerRange(2097152, 4096)]);
    private static readonly WorkerDevice s_device = new()
    {
        Name = "nvme1n1",
        Path = "/dev/nvme1n1",
        Serial = "vol0123",
        Model = "EBS",
        SizeBytes = 1L << 30,
        LogicalSectorSize = 512,
        PhysicalSectorSize = 4096,
        IsInUse = true,
        IsReadOnly = true,
        Links = ["nvme-x"],
    };
    private static readonly WorkerHealth s_health = new()
    {
        Uptime = TimeSpan.FromMilliseconds(1500),
        ResidentBytes = 1000,
        BytesRead = 2000,
        ZeroBytes = 3000,
        UnreadableBytes = 4000,
        ActiveRequests = 5,
    };

    private static IEnumerable<TestCaseData<ReadOnlyMemory<byte>, string>> Written()
    {
        var digests = new byte[64];
        digests.AsSpan(0, 32).Fill(0x11);
        digests.AsSpan(32).Fill(0x22);
        var data = new byte[FrameHeader.Size + ScanResults.DataPrefixSize + 4];
        ScanResults.WriteDataHead(data, 7, 4096, 4, ScanResults.Raw, 4, Enumerable.Repeat((byte)0x33, 32).ToArray());
        new byte[] { 1, 2, 3, 4 }.CopyTo(data.AsSpan(^4));

        yield return Case(nameof(Hello), s_hello.ToFrame(), Hello);
        yield return Case("ListDevices", new FrameBuilder(FrameType.ListDevices, 7).Complete(), "020000000700000000000000");
        yield return Case(nameof(Scan), s_scan.ToFrame(7), Scan);
        yield return Case(nameof(Credit), new FrameBuilder(FrameType.Credit, 7).Int32(64).Complete(), Credit);
        yield return Case("Cancel", new FrameBuilder(FrameType.Cancel, 7).Complete(), "050000000700000000000000");
        yield return Case("Ping", new FrameBuilder(FrameType.Ping, 7).Complete(), "060000000700000000000000");
        yield return Case(nameof(Welcome), s_welcome.ToFrame(), Welcome);
        yield return Case(nameof(Devices), DeviceList.ToFrame(7, [s_device]), Devices);
        yield return Case(nameof(Digests), ScanResults.Digests(7, new WorkerRange(0, 1048576), 2, digests), Digests);
        yield return Case(nameof(Zeros), ScanResults.Zeros(7, new WorkerRange(1048576, 524288)), Zeros);
        yield return Case(nameof(Data), data, Data);
        yield return Case(nameof(Unreadable), ScanResults.Unreadable(7, new WorkerRange(8192, 4096), 5), Unreadable);
        yield return Case(nameof(Completed), new ScanCompleted(true, 100, 50, 25).ToFrame(7), Completed);
        yield return Case(nameof(Pong), s_health.ToFrame(7), Pong);
        yield return Case(nameof(Failed), new Failed(WorkerFailure.DeviceChanged, "no").ToFrame(7), Failed);

        static TestCaseData<ReadOnlyMemory<byte>, string> Case(string name, ReadOnlyMemory<byte> frame, string expected) =>
            new(frame, expected) { TestName = $"ToFrame_{name}_IsTheGoldenBytes" };
    }

    [TestCaseSource(nameof(Written))]
    public void ToFrame_OfEachType_IsTheGoldenBytes(ReadOnlyMemory<byte> frame, string expected) =>
        Assert.That(Convert.ToHexStringLower(frame.Span), Is.EqualTo(expected));

    [Test]
    public async Task ReadFrom_GoldenBytes_GivesWhatWasWritten()
    {
        using var hello = await ReadAsync(Hello);
        using var scan = await ReadAsync(Scan);
        using var welcome = await ReadAsync(Welcome);
        using var devices = await ReadAsync(Devices);
        using var completed = await ReadAsync(Completed);
        using var pong = await ReadAsync(Pong);
        using var failed = await ReadAsync(Failed);

        var readScan = ScanRequest.ReadFrom(scan.OpenPayload());
        var readDevice = DeviceList.ReadFrom(devices.OpenPayload()).Single();
        Assert.Multiple(() =>
        {
            Assert.That(Protocol.Hello.ReadFrom(hello.OpenPayload()), Is.EqualTo(s_hello));
            Assert.That(readScan with { Ranges = s_scan.Ranges }, Is.EqualTo(s_scan));
            Assert.That(readScan.Ranges, Is.EqualTo(s_scan.Ranges));
            Assert.That(Protocol.Welcome.ReadFrom(welcome.OpenPayload()), Is.EqualTo(s_welcome));
            Assert.That(readDevice with { Links = s_device.Links }, Is.EqualTo(s_device));
            Assert.That(readDevice.Links, Is.EqualTo(s_device.Links));
            Assert.That(ScanCompleted.ReadFrom(completed.OpenPayload()), Is.EqualTo(new ScanCompleted(true, 100, 50, 25)));
            Assert.That(WorkerHealth.ReadFrom(pong.OpenPayload()), Is.EqualTo(s_health));
            Assert.That(Protocol.Failed.ReadFrom(failed.OpenPayload()), Is.EqualTo(new Failed(WorkerFailure.DeviceChanged, "no")));
        });
    }

    [TestCase(Digests, 2 * 64)]
    [TestCase(Zeros, 64)]
    [TestCase(Unreadable, 64)]
    [TestCase(Data, 64 + 4)]
    [TestCase(Completed, 0)]
    public async Task CostOf_EachResult_IsWhatBothSidesAccountFor(string golden, int cost)
    {
        using var frame = await ReadAsync(golden);

        Assert.That(ScanResults.CostOf(frame), Is.EqualTo(cost));
    }

    private static async Task<Frame> ReadAsync(string hex)
    {
        var frame = await new FrameStream(new MemoryStream(Convert.FromHexString(hex)), ProtocolLimits.MaxResponsePayload).ReadAsync(default);
        return frame ?? throw new EndOfStreamException();
    }
}
