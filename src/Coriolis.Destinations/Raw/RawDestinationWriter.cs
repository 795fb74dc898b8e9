using Coriolis.Providers;
using Coriolis.Storage;
using Microsoft.Extensions.Options;

namespace Coriolis.Destinations;

/// <summary>Writes each disk to a sparse file, or to a block device, with a marker file that says what it holds.</summary>
internal sealed class RawDestinationWriter(IOptions<RawDestinationOptions> options) : IDestinationWriter
{
    private readonly RawDestinationOptions _options = options.Value;

    public Task<IDiskWriter> OpenAsync(DiskDescriptor disk, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(disk);
        cancellationToken.ThrowIfCancellationRequested();
        if (!FileNames.IsSafe(disk.DiskId))
        {
            throw new DestinationException($"The disk id '{disk.DiskId}' cannot be part of a file name.") { ResourceId = disk.DiskId };
        }

        var folder = Path.GetFullPath(_options.Directory);
        if (!Directory.Exists(folder))
        {
            throw new DestinationException($"The destination folder '{folder}' does not exist.")
            {
                ResourceId = folder,
                Remedy = "Create it, or choose another.",
            };
        }

        var path = Path.Combine(folder, $"{disk.DiskId}.raw");
        var marker = new RawMarkerFile($"{path}.coriolis", disk);
        return Task.FromResult<IDiskWriter>(new RawDiskWriter(Open(path, marker, disk), marker, disk, _options.MaxConcurrency));
    }

    private RawTarget Open(string path, RawMarkerFile marker, DiskDescriptor disk)
    {
        try
        {
            if (MorphedMarker.IsSet(path))
            {
                throw RawErrors.Morphed(path, disk);
            }

            return _options.BlockDevices.TryGetValue(disk.DiskId, out var device)
                ? RawBlockDevice.Open(device, marker, disk)
                : RawFile.Open(path, marker, disk);
        }
        catch (IOException e) when (DurableFile.IsSharingViolation(e))
        {
            throw RawErrors.InUse(path, disk, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RawErrors.CannotOpen(path, disk, e);
        }
    }
}
