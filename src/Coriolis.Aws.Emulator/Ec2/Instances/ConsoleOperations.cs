using System.Text;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Workers;

namespace Coriolis.Aws.Emulator.Ec2.Instances;

/// <summary>GetConsoleOutput.</summary>
internal sealed class ConsoleOperations(WorkerHost workers)
{
    public void GetOutput(Ec2Call call)
    {
        var instance = ResourceKind.Instance.Find(call.State.Instances, call.Parameters.Required("InstanceId"));
        call.Response.Add("instanceId", instance.Id);
        call.Response.Add("timestamp", call.Now);
        call.Response.Add("output", Convert.ToBase64String(Encoding.UTF8.GetBytes(workers.ConsoleOutput(call.Region, instance.Id) ?? instance.ConsoleOutput ?? "")));
    }
}
