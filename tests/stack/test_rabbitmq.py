"""A RabbitMQ of the tests' own keeps its durable messages and takes the queues that the services declare."""

import aio_pika
from aio_pika.abc import AbstractChannel
from pamqp.common import FieldTable

from tests.stack.amqp_probe import accepts_amqp
from tests.stack.rabbitmq import RabbitNode

_DEAD_LETTERING_AT_LEAST_ONCE: FieldTable = {
    "x-queue-type": "quorum",
    "x-overflow": "reject-publish",
    "x-dead-letter-strategy": "at-least-once",
    "x-dead-letter-exchange": "",
    "x-delivery-limit": 1,
}


async def _keep(channel: AbstractChannel, queue: str, body: bytes) -> None:
    await channel.declare_queue(queue, durable=True, arguments={"x-queue-type": "quorum"})
    message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, routing_key=queue)


async def _kept(url: str, queue: str) -> bytes:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        declared = await channel.get_queue(queue)
        message = await declared.get(timeout=30)
        return message.body


async def test_a_restarted_and_a_killed_node_come_back_with_their_messages_on_the_same_url(
    rabbit_node: RabbitNode,
) -> None:
    async with await aio_pika.connect(rabbit_node.url) as connection:
        await _keep(await connection.channel(), "before-restart", b"restarted")
        await _keep(await connection.channel(), "before-kill", b"killed")

    rabbit_node.restart()
    assert await _kept(rabbit_node.url, "before-restart") == b"restarted"

    rabbit_node.kill()
    assert not rabbit_node.running
    assert not accepts_amqp(rabbit_node.url)

    rabbit_node.start()
    assert await _kept(rabbit_node.url, "before-kill") == b"killed"


async def test_a_refused_message_reaches_the_parked_twin_through_at_least_once_dead_lettering(
    amqp_url: str, bus_prefix: str
) -> None:
    name = bus_prefix + "orders"
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        parked = await channel.declare_queue(f"{name}.dead", durable=True, arguments={"x-queue-type": "quorum"})
        arguments: FieldTable = {**_DEAD_LETTERING_AT_LEAST_ONCE, "x-dead-letter-routing-key": parked.name}
        queue = await channel.declare_queue(name, durable=True, arguments=arguments)
        await channel.default_exchange.publish(aio_pika.Message(b"refused"), routing_key=name)

        message = await queue.get(timeout=30)
        await message.reject(requeue=False)

        async with parked.iterator(timeout=30) as arrivals:
            arrived = await anext(arrivals)
            await arrived.ack()
        assert arrived.body == b"refused"
        await queue.delete(if_unused=False, if_empty=False)
        await parked.delete(if_unused=False, if_empty=False)


async def test_a_memory_alarm_can_be_raised_and_lifted_by_rabbitmqctl(rabbit_node: RabbitNode) -> None:
    rabbit_node.control("set_vm_memory_high_watermark", "absolute", "1MB")
    assert "memory" in rabbit_node.control("eval", "rabbit_alarm:get_alarms().")

    rabbit_node.control("set_vm_memory_high_watermark", "0.6")
    assert "memory" not in rabbit_node.control("eval", "rabbit_alarm:get_alarms().")
