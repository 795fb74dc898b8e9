namespace Coriolis.Aws.Emulator.Ec2.InstanceTypes;

/// <summary>What the types of one family have in common.</summary>
internal sealed record InstanceFamily(string Name)
{
    public IReadOnlyList<string> Architectures { get; init; } = ["x86_64"];

    public string Manufacturer { get; init; } = "Intel";

    public bool Nitro { get; init; } = true;

    public bool Burstable { get; init; }

    public bool CurrentGeneration { get; init; } = true;

    public bool Hibernation { get; init; }

    public double ClockGHz { get; init; } = 3.1;

    public int ThreadsPerCore { get; init; } = 2;

    public IReadOnlyList<string> BootModes { get; init; } = ["legacy-bios", "uefi"];
}
