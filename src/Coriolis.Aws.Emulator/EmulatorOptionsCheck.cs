using System.Net;

namespace Coriolis.Aws.Emulator;

/// <summary>Checks options before anything is started.</summary>
internal static class EmulatorOptionsCheck
{
    public static void Check(AwsEmulatorOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.DataDirectory, nameof(options));
        if (!IPAddress.IsLoopback(options.Listen.Address))
        {
            throw new ArgumentException(
                $"The emulator listens on loopback only, not on {options.Listen.Address}: it protects nothing that it holds.", nameof(options));
        }

        if (options.AccountId.Length != 12 || !options.AccountId.All(char.IsAsciiDigit))
        {
            throw new ArgumentException($"The account id '{options.AccountId}' must have 12 digits.", nameof(options));
        }

        if (options.Regions.Count == 0) throw new ArgumentException("At least one region is needed.", nameof(options));
        foreach (var (id, file) in options.Images)
        {
            Ec2.Protocol.ResourceKind.Image.CheckForm(id);
            if (!File.Exists(file)) throw new FileNotFoundException($"The file '{file}' of image {id} does not exist.", file);
        }
    }
}
