using System.Globalization;
using System.Net;
using Coriolis.Aws.Emulator.Metadata;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>A pair of virtual interfaces between the host and a machine's network namespace, with a /30 network of its own.</summary>
/// <remarks>The pair ends with the namespace, and that with the last process in it.</remarks>
internal sealed record MachineNetwork(string HostInterface, IPAddress Address)
{
    // 198.18.0.0/15 is the range for tests of network devices (RFC 2544): nothing that the host wants to reach is there.
    private const int First = (198 << 24) | (18 << 16);
    private const int Count = 1 << 15;

    /// <summary>Connects a namespace to the host under an address that nobody else on the host has.</summary>
    /// <param name="processId">A process in the namespace.</param>
    /// <param name="macAddress">The address of the machine's interface.</param>
    public static async Task<MachineNetwork> ConnectAsync(int processId, string macAddress)
    {
        for (var index = Random.Shared.Next(Count); ; index = (index + 1) % Count)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"emu{index}");
            if (Directory.Exists($"/sys/class/net/{name}")) continue;
            try
            {
                // The interface's name is the lock on its addresses: a second one of that name cannot be made.
                await HostCommand.RunAsync("ip", ["link", "add", name, "type", "veth", "peer", "name", "eth0", "address", macAddress, "netns", $"{processId}"]).ConfigureAwait(false);
            }
            catch (IOException error) when (error.Message.Contains("File exists", StringComparison.Ordinal))
            {
                continue;
            }

            var host = AddressOf(index, 1);
            var machine = AddressOf(index, 2);
            await HostCommand.RunAsync("ip", ["-batch", "-"], $"addr add {host}/30 dev {name}\nlink set {name} up\n").ConfigureAwait(false);
            await HostCommand.RunAsync(
                "nsenter",
                ["--target", $"{processId}", "--net", "ip", "-batch", "-"],
                $"link set lo up\naddr add {MetadataServer.Address}/32 dev lo\naddr add {machine}/30 dev eth0\nlink set eth0 up\nroute add default via {host}\n").ConfigureAwait(false);
            return new MachineNetwork(name, machine);
        }
    }

    private static IPAddress AddressOf(int index, int host) =>
        new(BitConverter.GetBytes(IPAddress.HostToNetworkOrder(unchecked(First + (index * 4) + host))));
}
