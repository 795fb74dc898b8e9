using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>A volume's file as a block device of the host.</summary>
/// <remarks>
/// The kernel is told to let go of the device with its last user, and this object is one. So it goes with this process, however that ends.
/// </remarks>
internal sealed class LoopDevice : IDisposable
{
    private readonly SafeFileHandle _handle;

    private LoopDevice(SafeFileHandle handle, string name, int major, int minor)
    {
        _handle = handle;
        Name = name;
        Major = major;
        Minor = minor;
    }

    public string Name { get; }

    public int Major { get; }

    public int Minor { get; }

    public static async Task<LoopDevice> CreateAsync(string path)
    {
        var device = (await HostCommand.RunAsync("losetup", ["--find", "--show", path]).ConfigureAwait(false)).Trim();
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(device, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            // Of a device in use this only asks to detach it on the last close.
            await HostCommand.RunAsync("losetup", ["--detach", device]).ConfigureAwait(false);
            var number = (await File.ReadAllTextAsync($"/sys/class/block/{Path.GetFileName(device)}/dev").ConfigureAwait(false)).Trim().Split(':');
            return new LoopDevice(handle, Path.GetFileName(device), int.Parse(number[0], CultureInfo.InvariantCulture), int.Parse(number[1], CultureInfo.InvariantCulture));
        }
        catch
        {
            handle?.Dispose();
            await HostCommand.RunAsync("losetup", ["--detach", device]).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>How much has been read of the device since the host booted, by whomever.</summary>
    public long ReadBytesSoFar()
    {
        // The kernel's Documentation/block/stat.rst: the third field counts sectors of 512 bytes.
        var fields = File.ReadAllText($"/sys/class/block/{Name}/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(fields[2], CultureInfo.InvariantCulture) * 512;
    }

    /// <summary>Gives the device the size that its file has now.</summary>
    public Task UpdateSizeAsync() => HostCommand.RunAsync("losetup", ["--set-capacity", $"/dev/{Name}"]);

    public void Dispose() => _handle.Dispose();
}
