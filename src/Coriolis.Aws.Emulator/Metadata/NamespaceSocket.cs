using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Coriolis.Aws.Emulator.Metadata;

/// <summary>Sockets in the network namespace of another process. A socket stays where it was made, whoever uses it.</summary>
internal static partial class NamespaceSocket
{
    private const int NetworkNamespace = 0x40000000;

    /// <summary>Binds a TCP socket in the namespace of a process.</summary>
    /// <exception cref="IOException">The process has ended, or the address is not there or taken.</exception>
    public static Socket Bind(int processId, IPEndPoint address)
    {
        Socket? socket = null;
        Exception? failure = null;
        // Namespaces belong to threads, so this one goes there alone and does nothing else before it ends.
        var thread = new Thread(() =>
        {
            try
            {
                using var space = File.OpenHandle($"/proc/{processId}/ns/net");
                if (SetNamespace((int)space.DangerousGetHandle(), NetworkNamespace) != 0) throw new Win32Exception();
                socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            }
            catch (Exception error) when (error is IOException or Win32Exception or UnauthorizedAccessException)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        if (socket is null) throw new IOException($"No socket can be made in the network of process {processId}: {failure?.Message}", failure);
        try
        {
            socket.Bind(address);
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new IOException($"{address} cannot be used in the network of process {processId}: {error.Message}", error);
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int handle, int kind);
}
