using System.Text;
using System.Text.Json;

namespace Coriolis.Providers;

/// <summary>Writes instances as the JSON documents that the Coriolis services exchange.</summary>
/// <remarks>
/// <c>vm_export_info</c> describes one instance with its devices, <c>vm_instance_info</c> is one row of a listing. What is
/// not known is left out. Thread safety: the members are static and hold no state.
/// </remarks>
public static class VmExportInfo
{
    /// <summary>Writes the <c>vm_export_info</c> document of an instance.</summary>
    /// <param name="writer">Receives one JSON object.</param>
    /// <param name="instance">The instance.</param>
    public static void Write(Utf8JsonWriter writer, SourceInstance instance)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(instance);
        writer.WriteStartObject();
        WriteIdentity(writer, instance.Id, instance.Name, instance.Flavor.VCpus, instance.Flavor.MemoryMiB, instance.OsType, instance.Flavor.Name);
        WriteOptional(writer, "hostname", instance.Hostname);
        writer.WriteBoolean("dynamic_memory_enabled", false);
        writer.WriteString("firmware_type", instance.Firmware == FirmwareType.Uefi ? "EFI" : "BIOS");

        // The cloud does not tell whether Secure Boot is enforced; the existing services support EFI guests without it only.
        writer.WriteBoolean("secure_boot", false);
        writer.WriteBoolean("nested_virtualization", false);
        WriteOptional(writer, "public_ip_address", instance.PublicIpAddress);
        WriteBootOrder(writer, instance);
        WriteDevices(writer, instance);
        writer.WriteEndObject();
    }

    /// <summary>Writes the <c>vm_instance_info</c> document of one row of a listing.</summary>
    /// <param name="writer">Receives one JSON object.</param>
    /// <param name="instance">The row.</param>
    public static void Write(Utf8JsonWriter writer, InstanceSummary instance)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(instance);
        writer.WriteStartObject();
        WriteIdentity(writer, instance.Id, instance.Name, instance.VCpus, instance.MemoryMiB, instance.OsType, instance.FlavorName);
        writer.WriteEndObject();
    }

    /// <summary>The <c>vm_export_info</c> document of an instance as indented text.</summary>
    /// <param name="instance">The instance.</param>
    /// <returns>The JSON text.</returns>
    public static string ToJson(SourceInstance instance)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            Write(writer, instance);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static void WriteIdentity(Utf8JsonWriter writer, string id, string name, int cpus, long memoryMiB, OsType osType, string flavor)
    {
        writer.WriteString("id", id);
        writer.WriteString("name", name);
        writer.WriteString("instance_name", name);
        writer.WriteNumber("num_cpu", cpus);
        writer.WriteNumber("memory_mb", memoryMiB);
        writer.WriteString("os_type", osType switch { OsType.Linux => "linux", OsType.Windows => "windows", _ => "other" });
        writer.WriteString("flavor_name", flavor);
    }

    private static void WriteBootOrder(Utf8JsonWriter writer, SourceInstance instance)
    {
        if (instance.Disks.FirstOrDefault(disk => disk.IsBoot) is not { } boot)
        {
            return;
        }

        writer.WriteStartArray("boot_order");
        writer.WriteStartObject();
        writer.WriteString("type", "disk");
        writer.WriteString("id", boot.Id);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void WriteDevices(Utf8JsonWriter writer, SourceInstance instance)
    {
        writer.WriteStartObject("devices");
        writer.WriteStartArray("disks");
        var unit = 0;
        foreach (var disk in instance.Disks.Where(disk => disk.Kind == DiskKind.Volume))
        {
            WriteDisk(writer, disk, unit++);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("nics");
        foreach (var nic in instance.Nics)
        {
            WriteNic(writer, nic);
        }

        writer.WriteEndArray();
        foreach (var list in (ReadOnlySpan<string>)["cdroms", "serial_ports", "floppies", "controllers"])
        {
            writer.WriteStartArray(list);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteDisk(Utf8JsonWriter writer, SourceDisk disk, int unit)
    {
        writer.WriteStartObject();
        writer.WriteString("id", disk.Id);
        writer.WriteNumber("size_bytes", disk.SizeBytes);
        writer.WriteString("format", "raw");
        writer.WriteNumber("unit_number", unit);
        writer.WriteString("path", disk.DeviceName);
        WriteOptional(writer, "storage_backend_identifier", disk.VolumeType);
        writer.WriteString("allocation_type", "dynamic");
        writer.WriteBoolean("shareable", disk.MultiAttach);
        writer.WriteEndObject();
    }

    private static void WriteNic(Utf8JsonWriter writer, SourceNic nic)
    {
        writer.WriteStartObject();
        writer.WriteString("id", nic.Id);
        writer.WriteString("network_id", nic.NetworkId);
        writer.WriteString("network_name", nic.NetworkId);
        writer.WriteString("mac_address", nic.MacAddress);
        WriteOptional(writer, "subnet_name", nic.SubnetId);
        writer.WriteStartArray("ip_addresses");
        foreach (var address in nic.IpAddresses)
        {
            writer.WriteStringValue(address);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
