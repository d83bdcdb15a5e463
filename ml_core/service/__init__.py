"""The in-process service that owns the device: operations, queues, micro-batches, models, metrics.

service = GpuService({"double": single(lambda item, report: item * 2)})
service.start()
assert service.submit("double", 21).result() == 42
service.stop()
"""

from ml_core.service.gpu_service import GpuService
from ml_core.service.metrics import OperationStatus, ServiceStatus, State
from ml_core.service.operations import QUEUE_LIMIT, Batch, Operation, single
from ml_core.service.tickets import Cancelled, Priority, Report, Ticket

__all__ = [
    "QUEUE_LIMIT",
    "Batch",
    "Cancelled",
    "GpuService",
    "Operation",
    "OperationStatus",
    "Priority",
    "Report",
    "ServiceStatus",
    "State",
    "Ticket",
    "single",
]
