namespace Coriolis.Worker.Protocol;

/// <summary>What a frame means; the high bit tells who sends it.</summary>
internal enum FrameType : byte
{
    Hello = 0x01,
    ListDevices = 0x02,
    Scan = 0x03,
    Credit = 0x04,
    Cancel = 0x05,
    Ping = 0x06,

    Welcome = 0x81,
    Devices = 0x82,
    Digests = 0x83,
    Zeros = 0x84,
    Data = 0x85,
    Unreadable = 0x86,
    Completed = 0x87,
    Pong = 0x88,
    Failed = 0x8F,
}
