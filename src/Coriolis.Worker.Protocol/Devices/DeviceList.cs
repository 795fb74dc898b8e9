namespace Coriolis.Worker.Protocol;

/// <summary>The disks of the worker on the wire.</summary>
internal static class DeviceList
{
    private const byte InUse = 1;
    private const byte ReadOnly = 2;
    private const int MaxLinks = 64;

    public static IReadOnlyList<WorkerDevice> ReadFrom(PayloadReader payload)
    {
        var count = payload.ReadInt32();
        if (count > ProtocolLimits.MaxDevices)
        {
            throw payload.Malformed($"{count} devices");
        }

        var devices = new List<WorkerDevice>();
        for (var i = 0; i < count; i++)
        {
            devices.Add(ReadDevice(ref payload));
        }

        payload.EnsureEnd();
        return devices;
    }

    public static ReadOnlyMemory<byte> ToFrame(uint requestId, IReadOnlyList<WorkerDevice> devices)
    {
        var count = Math.Min(devices.Count, ProtocolLimits.MaxDevices);
        var frame = new FrameBuilder(FrameType.Devices, requestId).Int32(count);
        foreach (var device in devices.Take(count))
        {
            frame.String(device.Name)
                .String(device.Path)
                .String(device.Serial)
                .String(device.Model)
                .Int64(device.SizeBytes)
                .Int32(device.LogicalSectorSize)
                .Int32(device.PhysicalSectorSize)
                .Byte((byte)((device.IsInUse ? InUse : 0) | (device.IsReadOnly ? ReadOnly : 0)));
            var links = device.Links.Take(MaxLinks).ToList();
            frame.UInt16((ushort)links.Count);
            links.ForEach(link => frame.String(link));
        }

        return frame.Complete();
    }

    private static WorkerDevice ReadDevice(ref PayloadReader payload)
    {
        var name = payload.ReadString();
        var path = payload.ReadString();
        var serial = payload.ReadString();
        var model = payload.ReadString();
        var size = payload.ReadInt64();
        var logical = payload.ReadInt32();
        var physical = payload.ReadInt32();
        var flags = payload.ReadByte();
        var links = new string[payload.ReadUInt16() is var count && count <= MaxLinks ? count : throw payload.Malformed($"{count} links")];
        for (var i = 0; i < links.Length; i++)
        {
            links[i] = payload.ReadString();
        }

        return new WorkerDevice
        {
            Name = name,
            Path = path,
            Serial = serial,
            Model = model,
            SizeBytes = size,
            LogicalSectorSize = logical,
            PhysicalSectorSize = physical,
            IsInUse = (flags & InUse) != 0,
            IsReadOnly = (flags & ReadOnly) != 0,
            Links = links,
        };
    }
}
