using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.Runtime;
using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Blocks;
using Coriolis.Providers.Aws.Ebs;
using Coriolis.Providers.Aws.Tests.Support;
using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coriolis.Providers.Aws.Tests.Blocks;

/// <summary>A volume of 1 GiB in an emulated account, read with the block client over real sockets.</summary>
internal sealed class EmulatedDisk : IAsyncDisposable
{
    public const int BlockSize = 512 * 1024;

    public const long SizeBytes = 1L << 30;

    private readonly TestAccount _account;
    private readonly PlainMeterFactory _meters = new();

    private EmulatedDisk(TestAccount account, string volumeId)
    {
        _account = account;
        VolumeId = volumeId;
        Client = CreateClient(new BasicAWSCredentials(account.Emulator.AccessKeyId, account.Emulator.SecretAccessKey));
    }

    public TestAccount Account => _account;

    public string VolumeId { get; }

    public EbsClient Client { get; }

    public static async Task<EmulatedDisk> CreateAsync()
    {
        var account = await TestAccount.StartAsync();
        return new EmulatedDisk(account, await CreateVolumeAsync(account));
    }

    public static async Task<string> CreateVolumeAsync(TestAccount account)
    {
        var response = await account.Ec2.CreateVolumeAsync(new CreateVolumeRequest
        {
            AvailabilityZone = TestAccount.Region + "a",
            Size = 1,
            VolumeType = VolumeType.Gp3,
        });
        return response.Volume.VolumeId;
    }

    public EbsClient CreateClient(AWSCredentials credentials) => new(
        credentials,
        new EbsClientConfig { ServiceURL = _account.Emulator.Endpoint.AbsoluteUri, AuthenticationRegion = TestAccount.Region },
        new EbsClientOptions(),
        new EbsThrottle(new EbsRates(), _account.Clock),
        new EbsInstruments(_meters),
        _account.Clock,
        NullLogger<EbsClient>.Instance);

    public void Write(int block, byte fill)
    {
        var data = new byte[BlockSize];
        data.AsSpan().Fill(fill);
        using var file = File.OpenHandle(_account.Emulator.Admin.GetVolumePath(TestAccount.Region, VolumeId), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, data, (long)block * BlockSize);
    }

    public async Task<string> SnapshotAsync(string? volumeId = null)
    {
        // A snapshot of the same volume may be taken every 15 s only.
        _account.Clock.Advance(TimeSpan.FromSeconds(30));
        var response = await _account.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = volumeId ?? VolumeId });
        return response.Snapshot.SnapshotId;
    }

    public DirectBlockSource Open(string snapshotId, EbsClient? client = null, int pageSize = 10_000) => new(
        client ?? Client,
        new SourceDisk { Id = VolumeId, DeviceName = "/dev/sdf", SizeBytes = SizeBytes, IsBoot = false },
        snapshotId,
        new DirectBlockSourceOptions { PageSize = pageSize },
        _account.Clock,
        NullLogger<DirectBlockSource>.Instance,
        null);

    public void Fail(string operation, FaultKind kind, int count, string? reason = null, int skip = 0) =>
        _account.Emulator.Faults.Add(new FaultRule { Operation = operation, Kind = kind, Count = count, Reason = reason, Skip = skip });

    /// <summary>Reads what changed; the fill of each block that is data.</summary>
    public static async Task<SortedDictionary<int, byte>> ReadChangesAsync(DirectBlockSource source, IDiskManifest? baseline = null)
    {
        var fills = new SortedDictionary<int, byte>();
        var buffer = new byte[BlockSize];
        await foreach (var range in source.GetChangesAsync(baseline))
        {
            for (var offset = range.Offset; offset < range.End && range.Kind == ChunkKind.Data; offset += BlockSize)
            {
                var digest = await source.ReadAsync(offset, buffer);
                if (buffer.AsSpan().ContainsAnyExcept(buffer[0]) || digest != ChunkDigest.Compute(buffer))
                {
                    throw new AssertionException($"The block at {offset} is not what was written.");
                }

                fills.Add((int)(offset / BlockSize), buffer[0]);
            }
        }

        return fills;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _meters.Dispose();
        await _account.DisposeAsync();
    }
}
