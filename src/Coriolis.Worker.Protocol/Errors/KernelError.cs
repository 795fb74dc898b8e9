namespace Coriolis.Worker.Protocol;

/// <summary>The errno values that reading a device ends in; numbers are those of Linux, whatever system the controller runs on.</summary>
internal static class KernelError
{
    public const int InputOutput = 5;
    public const int NoSuchDeviceOrAddress = 6;
    public const int NoSuchDevice = 19;

    public static string Describe(int errorNumber) => errorNumber switch
    {
        InputOutput => "input/output error (EIO)",
        NoSuchDeviceOrAddress => "the device ends before that, it shrank or has gone (ENXIO)",
        NoSuchDevice => "the device has gone (ENODEV)",
        61 => "no data there (ENODATA)",
        _ => $"errno {errorNumber}",
    };
}
