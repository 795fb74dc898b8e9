using Coriolis.Aws.Emulator.Ec2.Protocol;

namespace Coriolis.Aws.Emulator.Ec2.Instances;

/// <summary>DescribeInstances.</summary>
internal static class InstanceListing
{
    public static void Describe(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "InstanceId", "instancesSet");
        var ids = call.Parameters.List("InstanceId");
        var instances = ResourceKind.Instance.FindAllOrEvery(call.State.Instances, ids);
        var matching = InstanceFilters.All(call.Region.Name, call.AccountId)
            .Apply(call.Parameters, instances.Select(instance => InstanceView.Of(instance, call.State)));
        var page = Pages.Take(call, matching, static view => Pages.Sequence(view.Instance.Sequence));
        var reservations = page.GroupBy(static view => view.Instance.ReservationId);
        call.Response.AddList(
            "reservationSet", reservations, reservation => InstanceXml.WriteReservation(call.Response, call.Region, reservation.Key, reservation));
    }
}
