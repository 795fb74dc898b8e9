using System.Text;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>Whatever bytes a payload or a state file has: they are read, or refused as what they are.</summary>
public sealed class PayloadFuzzTests
{
    private const int Rounds = 20_000;

    private static readonly WorkerDevice s_device = new()
    {
        Name = "nvme1n1",
        Path = "/dev/nvme1n1",
        SizeBytes = 1 << 30,
        Links = ["nvme-Amazon_Elastic_Block_Store_vol0123", "x"],
    };

    private static readonly byte[][] s_frames =
    [
        new Hello(1, 1, ProtocolFeatures.Zstd, "coriolis").ToFrame().ToArray(),
        new Welcome(1, ProtocolFeatures.Zstd, Guid.Empty, TimeSpan.FromMinutes(2), 2, "1.0").ToFrame().ToArray(),
        new ScanRequest("sda", 1 << 20, 1 << 20, 65536, WorkerHash.Sha256, true, true, [new WorkerRange(0, 65536), new WorkerRange(131072, 65536)]).ToFrame(1).ToArray(),
        DeviceList.ToFrame(1, [s_device, s_device with { Name = "nvme2n1" }]).ToArray(),
        new Failed(WorkerFailure.Busy, "no").ToFrame(1).ToArray(),
        new ScanCompleted(false, 1, 2, 3).ToFrame(1).ToArray(),
        ScanResults.Digests(1, new WorkerRange(0, 131072), 2, new byte[64]).ToArray(),
        ScanResults.Zeros(1, new WorkerRange(0, 131072)).ToArray(),
    ];

    [Test]
    public async Task ReadFrom_DamagedFrames_AreReadOrRefused()
    {
        var mutator = new Mutator(seed: 1);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = mutator.Mutate(s_frames[round % s_frames.Length]);
            try
            {
                using var frame = await new FrameStream(new MemoryStream(bytes), ProtocolLimits.MaxRequestPayload).ReadAsync(default);
                if (frame is not null)
                {
                    Read(frame, round % s_frames.Length);
                }
            }
            catch (Exception exception) when (exception is WorkerProtocolException or EndOfStreamException)
            {
                // Refused.
            }
            catch (Exception exception)
            {
                Assert.Fail($"round {round}: {Convert.ToHexStringLower(bytes)}: {exception}");
            }
        }
    }

    [Test]
    public void Parse_DamagedStateFiles_NeverFails()
    {
        var state = Encoding.UTF8.GetBytes(
            """
            [{"device-name":"sdb","size":131072,"checksum-algorithm":"xxhash","chunk-size":65536,
            "chunks":[{"offset":0,"length":65536,"checksum":"0011223344556677"},{"offset":65536,"length":65536,"checksum":"8899aabbccddeeff"}]}]
            """);
        var mutator = new Mutator(seed: 2);

        for (var round = 0; round < Rounds; round++)
        {
            var bytes = mutator.Mutate(state);
            Assert.That(() => StateFile.Parse(new MemoryStream(bytes)), Throws.Nothing, $"round {round}: {Convert.ToHexStringLower(bytes)}");
        }
    }

    private static void Read(Frame frame, int kind)
    {
        _ = kind switch
        {
            0 => Hello.ReadFrom(frame.OpenPayload()),
            1 => Welcome.ReadFrom(frame.OpenPayload()),
            2 => ScanRequest.ReadFrom(frame.OpenPayload()).FindFault(),
            3 => DeviceList.ReadFrom(frame.OpenPayload()),
            4 => Failed.ReadFrom(frame.OpenPayload()),
            5 => ScanCompleted.ReadFrom(frame.OpenPayload()),
            _ => (object)ScanResults.CostOf(frame),
        };
    }
}
